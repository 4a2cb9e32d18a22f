"""One season of the city: n workers claim, train, are assessed, certified and paid; some drop out on the way.

The drop-out ratios are those of a real year: of those who claim 94 % train, 81 % of these are certified and paid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain

from deploy.local.demo.cast import CITY, SKILLS, Casting, Citizen, Skill
from deploy.local.demo.client import Actor, ApiClient, Json, side_by_side
from deploy.local.demo.staff import FUND_SOURCE, PORTAL, SEATS, Body, Institution, Staff, carry_over, register
from shared.kernel.clock import SHANGHAI, business_date

TRAINED_PER_CENT = 94
CERTIFIED_PER_CENT = 81
SESSION_HOURS = 8
"""Class hours of 45 minutes a day: from nine to three."""
LEAD_DAYS = 9

PAYMENTS_MOST = 1_000
OFFICE = {"phone": "0375-2970000", "address": "平顶山市人力资源和社会保障局"}


@dataclass(frozen=True)
class Step:
    """What is being done on which business day, and to how many of how many."""

    day: date
    what: str
    done: int
    of: int
    unit: str


Progress = Callable[[Step], None]


@dataclass
class Trainee:
    """A worker of the season and how far they will go."""

    citizen: Citizen
    skill: Skill
    trains: bool
    passes: bool
    person_id: str = ""
    voucher_id: str = ""
    enrolment_id: str = ""

    @property
    def actor(self) -> Actor:
        """The worker's own account."""
        return Actor(f"worker-{self.person_id}", "worker", person=self.person_id)


@dataclass
class Course:
    """A class of the season."""

    institution: Institution
    skill: Skill
    trainees: list[Trainee]
    id: str = ""
    sessions: list[Json] = field(default_factory=list)


@dataclass
class Season:
    """The run of a season; each phase leaves it further on. `refusals` are met on the way, by their codes."""

    client: ApiClient
    staff: Staff
    casting: Casting
    loops: int
    progress: Progress
    today: date = date.min
    day: date = date.min
    batch_id: str = ""
    refusals: dict[str, int] = field(default_factory=dict)
    trainees: list[Trainee] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    payout_ids: list[str] = field(default_factory=list)

    async def claim(self) -> None:
        """发券: a batch by two officers; every worker registers and claims."""
        client, now = self.client, await self.client.clock.now()
        self.today = self.day = business_date(now)
        trains, passes = quotas(self.loops)
        self.trainees = [
            Trainee(self.casting.citizen(), SKILLS[number % len(SKILLS)], number < trains, number < passes)
            for number in range(self.loops)
        ]
        body = {
            "kind": "general",
            "programme": "training_voucher",
            "title": f"{self.today} 职业技能培训券",
            "quantity": self.loops,
            "skills": [{"skill_code": skill.code, "level": skill.level} for skill in SKILLS],
            "areas": [CITY],
            "audience_groups": [],
            "claim_from": (now - timedelta(minutes=5)).isoformat(),
            "claim_until": (now + timedelta(days=30)).isoformat(),
            "validity_days": 90,
            "fund_source": FUND_SOURCE,
            "rules_version": "2022-03",
        }
        batch = await client.post(self.staff.proposer, "voucher", "/v1/batches", body)
        self.batch_id = batch["id"]
        await client.post(self.staff.approver, "voucher", f"/v1/batches/{self.batch_id}/approvals")
        claimed = 0

        def count() -> None:
            nonlocal claimed
            claimed += 1
            self._report("claim vouchers", claimed, self.loops, "workers")

        await side_by_side([self._claim_voucher(trainee, now.isoformat()) for trainee in self.trainees], done=count)
        await client.clock.wait_until_quiet()

    async def _claim_voucher(self, trainee: Trainee, verified_at: str) -> None:
        client, candidates = self.client, chain([trainee.citizen], self.casting.citizens())
        trainee.citizen, trainee.person_id = await register(client, candidates, verified_at)
        extract = {
            "pension": "not_drawn",
            "fiscal_payroll": "off",
            "source": "portal",
            "as_of": str(self.today),
            "other_benefits": [],
        }
        await client.post(PORTAL, "voucher", f"/v1/workers/{trainee.person_id}/register-extracts", extract)
        claim = {"batch_id": self.batch_id, "skill_code": trainee.skill.code, "level": trainee.skill.level}
        trainee.voucher_id = (await client.post(trainee.actor, "voucher", "/v1/vouchers", claim))["id"]

    async def enrol(self) -> None:
        """登记: classes are filed and approved; workers present their vouchers, institutions enrol them."""
        training = [trainee for trainee in self.trainees if trainee.trains]
        self.courses = plan_courses(self.staff.institutions, training)
        first_day = self.today + timedelta(days=LEAD_DAYS)
        for number, course in enumerate(self.courses):
            await self._file(course, number, first_day)
            self._report("file and approve classes", number + 1, len(self.courses), "classes")
        enrolled = 0
        for course in self.courses:
            await self._enrol(course)
            enrolled += len(course.trainees)
            self._report("enrol", enrolled, len(training), "workers")
        await self.client.clock.wait_until_quiet()

    async def _file(self, course: Course, number: int, first_day: date) -> None:
        client, institution = self.client, course.institution
        trainer = institution.trainers[number // len(self.staff.institutions) % len(institution.trainers)]
        room = f"{number + 1} 教室"
        days = [first_day + timedelta(days=day) for day in range(course.skill.class_hours // SESSION_HOURS)]
        body = {
            "skill_code": course.skill.code,
            "level": course.skill.level,
            "area": "410402",
            "department": "rsj",
            "channel": "social",
            "form": "menu",
            "act": "first",
            "payee": {"kind": "institution", "id": institution.code},
            "seats": SEATS,
            "trainer_ids": [trainer],
            "room": room,
            "sessions": [{**session_times(day), "trainer_id": trainer, "room": room} for day in days],
        }
        course.id = (await client.post(institution.actor, "training", "/v1/classes", body))["id"]
        await client.post(institution.actor, "training", f"/v1/classes/{course.id}/filings")
        await client.post(self.staff.reviewer, "training", f"/v1/classes/{course.id}/approvals")
        detail = await client.get(institution.actor, "training", f"/v1/classes/{course.id}")
        course.sessions = sorted(detail["sessions"], key=lambda session: str(session["starts_at"]))

    async def _enrol(self, course: Course) -> None:
        async def present(trainee: Trainee) -> str:
            path = f"/v1/vouchers/{trainee.voucher_id}/presence-codes"
            body = {"institution": course.institution.code, "mandate": True}
            return str((await self.client.post(trainee.actor, "voucher", path, body))["code"])

        codes = await side_by_side([present(trainee) for trainee in course.trainees])
        path = f"/v1/classes/{course.id}/enrolments"
        rows = [{"presence_code": code} for code in codes]
        results = await self.client.bulk(course.institution.actor, "training", path, rows)
        for trainee, result in zip(course.trainees, results, strict=True):
            trainee.enrolment_id = result["id"]

    async def train(self) -> None:
        """培训: day by day, each session's attendance by one request; then the completion test, and 验收."""
        days = max((len(course.sessions) for course in self.courses), default=0)
        for day in range(days):
            running = [course for course in self.courses if day < len(course.sessions)]
            ends_at = max(datetime.fromisoformat(course.sessions[day]["ends_at"]) for course in running)
            await self._advance(ends_at + timedelta(minutes=1))
            await side_by_side([self._attend(course, day) for course in running])
            self._report("teach", day + 1, days, "days")
        await self._advance(await self.client.clock.now() + timedelta(hours=6))
        held_on = business_date(await self.client.clock.now()).isoformat()
        for number, course in enumerate(self.courses):
            rows = [
                {"enrolment_id": trainee.enrolment_id, "score": 90 if trainee.passes else 40, "held_on": held_on}
                for trainee in course.trainees
            ]
            path = f"/v1/classes/{course.id}/completion-tests"
            await self.client.bulk(course.institution.actor, "training", path, rows)
            await self.client.post(self.staff.reviewer, "training", f"/v1/classes/{course.id}/verifications")
            self._report("test", number + 1, len(self.courses), "classes")
        await self.client.clock.wait_until_quiet()

    async def _attend(self, course: Course, day: int) -> None:
        session = course.sessions[day]
        times = {"checked_in_at": session["starts_at"], "checked_out_at": session["ends_at"]}
        rows = [{"enrolment_id": trainee.enrolment_id, **times} for trainee in course.trainees]
        path = f"/v1/class-sessions/{session['id']}/rosters"
        await self.client.bulk(course.institution.actor, "training", path, rows)

    async def assess(self) -> None:
        """评价·持证: two assessors score, a supervisor confirms, certificates are issued."""
        now = await self.client.clock.now()
        held_on = business_date(now) + timedelta(days=1)
        await self._advance(datetime.combine(held_on, time(8), SHANGHAI))
        for number, course in enumerate(self.courses):
            passing = [trainee for trainee in course.trainees if trainee.passes]
            if passing:
                await self._assess(course.skill, passing, number, held_on)
            self._report("assess and certify", number + 1, len(self.courses), "classes")
        await self.client.clock.wait_until_quiet()

    async def _assess(self, skill: Skill, trainees: Sequence[Trainee], number: int, held_on: date) -> None:
        client, body = self.client, self.staff.body
        first, second = _pair(body, number)
        session = await client.post(
            body.actor,
            "evaluation",
            "/v1/assessment-sessions",
            {
                "skill_code": skill.code,
                "level": skill.level,
                "act": "first",
                "held_on": str(held_on),
                "place": f"{number + 1} 考场",
                "site_code": "000001",
                "assessor_ids": [first.person, second.person],
                "supervisor_id": body.supervisor.person,
            },
        )
        path = f"/v1/assessment-sessions/{session['id']}"
        rows = [{"enrolment_id": trainee.enrolment_id} for trainee in trainees]
        admitted = await client.bulk(body.actor, "evaluation", f"{path}/candidates", rows)
        await client.post(body.actor, "evaluation", f"{path}/openings")
        scores = {"practice": 82} if skill.level == 0 else {"theory": 78, "practice": 82}
        for assessor in (first, second):
            marks = [{"candidate_id": candidate["id"], **scores} for candidate in admitted]
            await client.bulk(assessor, "evaluation", f"{path}/scores", marks)
        await client.post(body.supervisor, "evaluation", f"{path}/confirmations")

    async def review(self) -> None:
        """兑现: an officer reviews the payouts that the certificates have opened."""
        self.payout_ids = [payout["id"] for payout in await self._payouts("checked")]
        await self._decide("review payouts", self.staff.reviewer, "/v1/payout-reviews")

    async def pay(self) -> None:
        """兑现: approval, public notice, disbursement by two finance officers, the bank."""
        client, staff = self.client, self.staff
        await self._decide("approve payouts", staff.approver, "/v1/payout-approvals")
        await self._decide("give public notice", staff.second_approver, "/v1/payout-publications", **OFFICE)
        notices = [datetime.fromisoformat(payout["notice_ends_at"]) for payout in await self._payouts("published")]
        await self._advance(max(notices, default=await client.clock.now()) + timedelta(minutes=1))
        await client.clock.wait_until_quiet()
        cleared = await self._payouts("cleared")
        by_fund: dict[str, list[str]] = {}
        for payout in cleared:
            by_fund.setdefault(payout["fund_id"], []).append(payout["id"])
        paid = 0
        for fund_id, ids in by_fund.items():
            await carry_over(client, staff, fund_id)
            for start in range(0, len(ids), PAYMENTS_MOST):
                body = {"fund_id": fund_id, "payout_ids": ids[start : start + PAYMENTS_MOST]}
                batch = await client.post(staff.cashier, "payout", "/v1/payment-batches", body)
                await client.post(staff.releaser, "payout", f"/v1/payment-batches/{batch['id']}/releases")
                paid += int(batch["count"])
                self._report("pay", paid, len(cleared), "payouts")
        await client.clock.wait_until_quiet()

    async def _payouts(self, status: str) -> list[Json]:
        """The season's own payouts that have this status; those of earlier seasons are left alone."""
        own = {trainee.voucher_id for trainee in self.trainees}
        found = await self.client.pages(self.staff.reviewer, "payout", "/v1/payouts", status=status)
        return [payout for payout in found if payout["voucher_id"] in own]

    async def _decide(self, what: str, officer: Actor, path: str, **more: str) -> None:
        rows = [{"payout_id": payout_id} for payout_id in self.payout_ids]
        await self.client.bulk(officer, "payout", path, rows, **more)
        self._report(what, len(self.payout_ids), len(self.payout_ids), "payouts")

    async def _advance(self, to: datetime) -> None:
        await self.client.clock.advance(to)
        self.day = business_date(to)

    def _report(self, what: str, done: int, of: int, unit: str) -> None:
        self.progress(Step(self.day, what, done, of, unit))


def quotas(loops: int) -> tuple[int, int]:
    """How many of `loops` claimants train, and how many of these are certified; at least one each."""
    trains = max(1, round(loops * TRAINED_PER_CENT / 100))
    return trains, max(1, round(trains * CERTIFIED_PER_CENT / 100))


def plan_courses(institutions: Sequence[Institution], trainees: Sequence[Trainee]) -> list[Course]:
    """Classes of at most fifty, each for one skill and level, institutions in turn."""
    courses: list[Course] = []
    for skill in SKILLS:
        wanting = [trainee for trainee in trainees if trainee.skill == skill]
        for start in range(0, len(wanting), SEATS):
            institution = institutions[len(courses) % len(institutions)]
            courses.append(Course(institution, skill, wanting[start : start + SEATS]))
    return courses


def session_times(day: date) -> dict[str, str]:
    """A class session of eight class hours from nine o'clock."""
    starts_at = datetime.combine(day, time(9), SHANGHAI)
    ends_at = starts_at + timedelta(minutes=45 * SESSION_HOURS)
    return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


def _pair(body: Body, number: int) -> tuple[Actor, Actor]:
    """Two assessors for session `number`."""
    first = number * 2 % len(body.assessors)
    return body.assessors[first], body.assessors[first + 1]
