"""One season of the city: n workers claim, train, are assessed, certified and paid; some drop out on the way.

The drop-out ratios are those of a real year: of those who claim 94 % train, 81 % of these are certified and paid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from deploy.local.demo import steps
from deploy.local.demo.cast import SKILLS, Casting
from deploy.local.demo.client import Actor, ApiClient, Json, side_by_side
from deploy.local.demo.staff import SEATS, Institution, Staff, carry_over
from deploy.local.demo.steps import Course, Trainee
from shared.kernel.clock import SHANGHAI, business_date

TRAINED_PER_CENT = 94
CERTIFIED_PER_CENT = 81
PAYMENTS_MOST = 1_000


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
        batch = steps.general_batch(now, self.loops, SKILLS)
        self.batch_id = await steps.offer(client, self.staff, batch)
        claimed = 0

        def count() -> None:
            nonlocal claimed
            claimed += 1
            self._report("claim vouchers", claimed, self.loops, "workers")

        await side_by_side([self._claim_voucher(trainee) for trainee in self.trainees], done=count)
        await client.clock.wait_until_quiet()

    async def _claim_voucher(self, trainee: Trainee) -> None:
        await steps.enter(self.client, self.casting, trainee)
        await steps.claim(self.client, trainee, self.batch_id)

    async def enrol(self) -> None:
        """登记: classes are filed and approved; workers present their vouchers, institutions enrol them."""
        training = [trainee for trainee in self.trainees if trainee.trains]
        self.courses = plan_courses(self.staff.institutions, training)
        first_day = self.today + timedelta(days=steps.LEAD_DAYS)
        for number, course in enumerate(self.courses):
            trainers, days = course.institution.trainers, steps.days_from(course.skill, first_day)
            trainer, room = trainers[number // len(self.staff.institutions) % len(trainers)], f"{number + 1} 教室"
            await steps.file_class(self.client, self.staff, course, days, trainer=trainer, room=room)
            self._report("file and approve classes", number + 1, len(self.courses), "classes")
        enrolled = 0
        for course in self.courses:
            await steps.enrol(self.client, course)
            enrolled += len(course.trainees)
            self._report("enrol", enrolled, len(training), "workers")
        await self.client.clock.wait_until_quiet()

    async def train(self) -> None:
        """培训: day by day, each session's attendance by one request; then the completion test, and 验收."""
        days = max((len(course.sessions) for course in self.courses), default=0)
        for day in range(days):
            running = [course for course in self.courses if day < len(course.sessions)]
            ends_at = max(datetime.fromisoformat(course.sessions[day]["ends_at"]) for course in running)
            await self._advance(ends_at + timedelta(minutes=1))
            await side_by_side([steps.attend(self.client, course, day) for course in running])
            self._report("teach", day + 1, days, "days")
        await self._advance(await self.client.clock.now() + timedelta(hours=6))
        held_on = business_date(await self.client.clock.now())
        for number, course in enumerate(self.courses):
            await steps.test(self.client, course, held_on)
            await steps.verify(self.client, self.staff, course)
            self._report("test", number + 1, len(self.courses), "classes")
        await self.client.clock.wait_until_quiet()

    async def assess(self) -> None:
        """评价·持证: two assessors score, a supervisor confirms, certificates are issued."""
        now = await self.client.clock.now()
        held_on = business_date(now) + timedelta(days=1)
        await self._advance(datetime.combine(held_on, time(8), SHANGHAI))
        for number, course in enumerate(self.courses):
            passing = [trainee for trainee in course.trainees if trainee.passes]
            if passing:
                await steps.assess(self.client, self.staff.body, course.skill, passing, held_on, number=number)
            self._report("assess and certify", number + 1, len(self.courses), "classes")
        await self.client.clock.wait_until_quiet()

    async def review(self) -> None:
        """兑现: an officer reviews the payouts that the certificates have opened."""
        self.payout_ids = [payout["id"] for payout in await self._payouts("checked")]
        await self._decide("review payouts", self.staff.reviewer, "/v1/payout-reviews")

    async def pay(self) -> None:
        """兑现: approval, public notice, disbursement by two finance officers, the bank."""
        client, staff = self.client, self.staff
        await self._decide("approve payouts", staff.approver, "/v1/payout-approvals")
        await self._decide("give public notice", staff.second_approver, "/v1/payout-publications", **steps.OFFICE)
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
