"""One season of the city: n workers claim, train, are assessed, certified and paid; some drop out on the way.

The drop-out ratios are those of a real year: of those who claim 94 % train, 81 % of these are certified and paid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice

from deploy.local.demo.cast import SKILLS, Casting, Citizen, Skill
from deploy.local.demo.city import Actor, City, Json, side_by_side
from deploy.local.demo.staff import CITY_AREA, FUND_SOURCE, PORTAL, Body, Institution, Staff
from shared.kernel.clock import SHANGHAI, business_date

TRAINED_PER_CENT = 94
CERTIFIED_PER_CENT = 81
SEATS = 50
SESSION_HOURS = 8
"""Class hours of 45 minutes a day: from nine to three."""
LEAD_DAYS = 9

Progress = Callable[[str, int, int], None]
"""What is being done, how many of how many."""


@dataclass
class Trainee:
    """A worker of the season and how far he will go."""

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
    """The run of a season; each phase leaves it further on."""

    city: City
    staff: Staff
    loops: int
    seed: int
    tell: Progress
    today: date = date.min
    batch_id: str = ""
    trainees: list[Trainee] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)

    async def claim(self) -> None:
        """发券: a batch by two officers; every worker registers and claims."""
        city, now = self.city, await self.city.clock.now()
        self.today = business_date(now)
        casting = Casting(self.seed, self.today)
        trains, passes = quotas(self.loops)
        self.trainees = [
            Trainee(citizen, SKILLS[number % len(SKILLS)], number < trains, number < passes)
            for number, citizen in enumerate(islice(casting.citizens(), self.loops))
        ]
        body = {
            "kind": "general",
            "programme": "training_voucher",
            "title": f"{self.today} 职业技能培训券",
            "quantity": self.loops,
            "skills": [{"skill_code": one.code, "level": one.level} for one in SKILLS],
            "areas": [CITY_AREA],
            "audience_groups": [],
            "claim_from": (now - timedelta(minutes=5)).isoformat(),
            "claim_until": (now + timedelta(days=30)).isoformat(),
            "validity_days": 90,
            "fund_source": FUND_SOURCE,
            "rules_version": "2022-03",
        }
        batch = await city.post(self.staff.proposer, "voucher", "/v1/batches", body)
        self.batch_id = batch["id"]
        await city.post(self.staff.approver, "voucher", f"/v1/batches/{self.batch_id}/approvals")
        await self._each("claim vouchers", self.trainees, self._claim_one)
        await city.clock.wait_until_quiet()

    async def _claim_one(self, trainee: Trainee) -> None:
        city, verified_at = self.city, (await self.city.clock.now()).isoformat()
        registration = dict(trainee.citizen.registration(verified_at))
        trainee.person_id = (await city.post(PORTAL, "voucher", "/v1/workers", registration))["person_id"]
        extract = {
            "pension": "not_drawn",
            "fiscal_payroll": "off",
            "source": "portal",
            "as_of": str(self.today),
            "other_benefits": [],
        }
        await city.post(PORTAL, "voucher", f"/v1/workers/{trainee.person_id}/register-extracts", extract)
        claim = {"batch_id": self.batch_id, "skill_code": trainee.skill.code, "level": trainee.skill.level}
        trainee.voucher_id = (await city.post(trainee.actor, "voucher", "/v1/vouchers", claim))["id"]

    async def enrol(self) -> None:
        """登记: classes are filed and approved; workers present their vouchers, institutions enrol them."""
        self.courses = plan_courses(self.staff.institutions, [one for one in self.trainees if one.trains])
        first_day = self.today + timedelta(days=LEAD_DAYS)
        for number, course in enumerate(self.courses):
            await self._file(course, number, first_day)
            self.tell("file classes", number + 1, len(self.courses))
        for course in self.courses:
            await self._enrol(course)
        await self.city.clock.wait_until_quiet()

    async def _file(self, course: Course, number: int, first_day: date) -> None:
        city, institution = self.city, course.institution
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
        course.id = (await city.post(institution.actor, "training", "/v1/classes", body))["id"]
        await city.post(institution.actor, "training", f"/v1/classes/{course.id}/filings")
        await city.post(self.staff.reviewer, "training", f"/v1/classes/{course.id}/approvals")
        detail = await city.get(institution.actor, "training", f"/v1/classes/{course.id}")
        course.sessions = sorted(detail["sessions"], key=lambda one: str(one["starts_at"]))

    async def _enrol(self, course: Course) -> None:
        codes: dict[str, str] = {}

        async def present(trainee: Trainee) -> None:
            path = f"/v1/vouchers/{trainee.voucher_id}/presence-codes"
            body = {"institution": course.institution.code, "mandate": True}
            answer = await self.city.post(trainee.actor, "voucher", path, body)
            codes[trainee.voucher_id] = answer["code"]

        await self._each("enrol", course.trainees, present)
        rows = [{"presence_code": codes[one.voucher_id]} for one in course.trainees]
        path = f"/v1/classes/{course.id}/enrolments"
        for one, result in zip(
            course.trainees, await self.city.bulk(course.institution.actor, "training", path, rows), strict=True
        ):
            one.enrolment_id = result["id"]

    async def train(self) -> None:
        """培训: day by day, each class session's attendance by one request; then the completion test."""
        days = max((len(course.sessions) for course in self.courses), default=0)
        for day in range(days):
            running = [course for course in self.courses if day < len(course.sessions)]
            ends_at = max(datetime.fromisoformat(course.sessions[day]["ends_at"]) for course in running)
            await self.city.clock.advance(ends_at + timedelta(minutes=1))
            await side_by_side([self._attend(course, day) for course in running])
            self.tell("train", day + 1, days)
        await self.city.clock.advance(await self.city.clock.now() + timedelta(hours=6))
        for number, course in enumerate(self.courses):
            rows = [{"enrolment_id": one.enrolment_id, "score": 90 if one.passes else 40} for one in course.trainees]
            path = f"/v1/classes/{course.id}/completion-tests"
            await self.city.bulk(course.institution.actor, "training", path, rows)
            self.tell("test", number + 1, len(self.courses))
        await self.city.clock.wait_until_quiet()

    async def _attend(self, course: Course, day: int) -> None:
        session = course.sessions[day]
        times = {"checked_in_at": session["starts_at"], "checked_out_at": session["ends_at"]}
        rows = [{"enrolment_id": one.enrolment_id, **times} for one in course.trainees]
        path = f"/v1/class-sessions/{session['id']}/rosters"
        await self.city.bulk(course.institution.actor, "training", path, rows)

    async def assess(self) -> None:
        """评价·持证: two assessors score, a supervisor confirms, certificates are issued."""
        now = await self.city.clock.now()
        held_on = business_date(now) + timedelta(days=1)
        await self.city.clock.advance(datetime.combine(held_on, time(8), SHANGHAI))
        for number, course in enumerate(self.courses):
            passing = [one for one in course.trainees if one.passes]
            if passing:
                await self._assess(course.skill, passing, number, held_on)
            self.tell("assess", number + 1, len(self.courses))
        await self.city.clock.wait_until_quiet()

    async def _assess(self, skill: Skill, trainees: Sequence[Trainee], number: int, held_on: date) -> None:
        city, body = self.city, self.staff.body
        first, second = _pair(body, number)
        session = await city.post(
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
        admitted = await city.bulk(
            body.actor, "evaluation", f"{path}/candidates", [{"enrolment_id": one.enrolment_id} for one in trainees]
        )
        await city.post(body.actor, "evaluation", f"{path}/openings")
        scores = {"practice": 82} if skill.level == 0 else {"theory": 78, "practice": 82}
        for assessor in (first, second):
            rows = [{"candidate_id": one["id"], **scores} for one in admitted]
            await city.bulk(assessor, "evaluation", f"{path}/scores", rows)
        await city.post(body.supervisor, "evaluation", f"{path}/confirmations")

    async def pay(self) -> None:
        """兑现: review, approval, public notice, disbursement by two finance officers, the bank."""
        city, staff = self.city, self.staff
        ids = [one["id"] for one in await self._payouts("checked")]
        await self._list("review", staff.reviewer, "/v1/payout-reviews", ids)
        await self._list("approve", staff.approver, "/v1/payout-approvals", ids)
        await self._list("publish", staff.second_approver, "/v1/payout-publications", ids)
        notices = [datetime.fromisoformat(one["notice_ends_at"]) for one in await self._payouts("published")]
        await city.clock.advance(max(notices, default=await city.clock.now()) + timedelta(minutes=1))
        await city.clock.wait_until_quiet()
        while cleared := await self._payouts("cleared"):
            body = {"fund_id": cleared[0]["fund_id"]}
            batch = await city.post(staff.cashier, "payout", "/v1/payment-batches", body)
            await city.post(staff.releaser, "payout", f"/v1/payment-batches/{batch['id']}/releases")
            self.tell("disburse", int(batch["count"]), len(cleared))
        await city.clock.wait_until_quiet()

    async def _payouts(self, status: str) -> list[Json]:
        payouts: list[Json] = []
        params: dict[str, str] = {"status": status, "limit": "200"}
        while True:
            page = await self.city.get(self.staff.reviewer, "payout", "/v1/payouts", **params)
            payouts += page["data"]
            if not page["has_more"]:
                return payouts
            params["cursor"] = page["next_cursor"]

    async def _list(self, what: str, officer: Actor, path: str, ids: Sequence[str]) -> None:
        await self.city.bulk(officer, "payout", path, [{"payout_id": one} for one in ids])
        self.tell(what, len(ids), len(ids))

    async def _each(self, what: str, items: Sequence[Trainee], do: Callable[[Trainee], object]) -> None:
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            self.tell(what, done, len(items))

        await side_by_side([do(one) for one in items], done=count)  # type: ignore[misc]  # `do` makes coroutines


def quotas(loops: int) -> tuple[int, int]:
    """How many of `loops` claimants train, and how many of these are certified; one at the least."""
    trains = max(1, round(loops * TRAINED_PER_CENT / 100))
    return trains, max(1, round(trains * CERTIFIED_PER_CENT / 100))


def plan_courses(institutions: Sequence[Institution], trainees: Sequence[Trainee]) -> list[Course]:
    """Classes of at most fifty, each for one skill and level, institutions in turn."""
    courses: list[Course] = []
    for skill in SKILLS:
        wanting = [one for one in trainees if one.skill == skill]
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
