"""The story of one worker, a step at a time; many of them side by side, under one business clock."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from deploy.local.demo import steps
from deploy.local.demo.cast import CITY, SKILLS, Casting, Skill
from deploy.local.demo.client import Actor, ApiClient, DemoFailed, Json, Refused, RequestRefused
from deploy.local.demo.shared_clock import SharedClock
from deploy.local.demo.staff import (
    COOL_OFF,
    FUND_SOURCE,
    Body,
    Institution,
    Staff,
    carry_over,
    give_account,
    open_institution,
)
from deploy.local.demo.steps import Course, Trainee
from shared.kernel.clock import SHANGHAI, business_date

COMPETENCE = SKILLS[-1]
"""The skill of the shortest class: five days."""
A_MINUTE = timedelta(minutes=1)

TRAINERS = 3
"""Of each story's institution: so many of its classes may go on at once."""


@dataclass
class Story:
    """One worker, their institution and what came of them, with a name of the institution that nobody else has."""

    client: ApiClient
    staff: Staff
    casting: Casting
    institution: Institution
    trainee: Trainee
    number: int
    seat: int = 0
    """Which of the institution's trainers and rooms the worker's classes have."""
    colleagues: int = 0
    course: Course | None = None
    results: Json = field(default_factory=dict)

    async def colleague(self, skill: Skill = COMPETENCE) -> Story:
        """Another worker of the same institution."""
        trainee = Trainee(self.casting.citizen(), skill)
        await steps.enter(self.client, self.casting, trainee)
        await self.quiet()
        self.colleagues += 1
        return replace(self, trainee=trainee, seat=self.colleagues, course=None, results={})

    # --- time ---

    async def until(self, to: datetime) -> None:
        """Business time comes to `to`, and what was due by then has happened; nothing if it is past already."""
        await self.client.clock.advance(to)

    async def days(self, days: float) -> None:
        """So many days go by."""
        await self.until(await self.client.clock.now() + timedelta(days=days))

    async def morning(self, day: date) -> None:
        """It becomes eight o'clock of `day`."""
        await self.until(datetime.combine(day, time(8), SHANGHAI))

    async def quiet(self) -> None:
        """What was begun has happened."""
        await self.client.clock.wait_until_quiet()

    async def today(self) -> date:
        """The business date."""
        return business_date(await self.client.clock.now())

    # --- the loop ---

    async def claim(self, *, fund_source: str = FUND_SOURCE, area: str = CITY) -> str:
        """A batch for the area, and this worker's voucher of it."""
        now = await self.client.clock.now()
        batch = steps.general_batch(now, 2, [self.trainee.skill], fund_source) | {"areas": [area]}
        batch_id = await steps.offer(self.client, self.staff, batch)
        await steps.extract(self.client, self.trainee, business_date(now))
        await steps.claim(self.client, self.trainee, batch_id)
        return self.trainee.voucher_id

    async def plan(self, days: Sequence[date] = (), *, act: str = "first") -> None:
        """A class of the institution on these days, or as soon as may be, is filed and approved."""
        skill = self.trainee.skill
        self.course = Course(self.institution, skill, [self.trainee], act=act)
        soon = steps.days_from(skill, await self.today() + timedelta(days=steps.LEAD_DAYS))
        trainer, room = self.institution.trainers[self.seat], f"{self.seat + 1} 教室"
        await steps.file_class(self.client, self.staff, self.course, days or soon, trainer=trainer, room=room)

    def days_from(self, first_day: date) -> list[date]:
        """The days of a class of the skill that begins then."""
        return steps.days_from(self.trainee.skill, first_day)

    async def enrol(self, *, mandate: bool = True) -> None:
        """The worker presents the voucher and is enrolled."""
        await steps.enrol(self.client, self.class_, mandate=mandate)
        await self.quiet()

    @property
    def class_(self) -> Course:
        """The class that was planned last."""
        if self.course is None:
            raise DemoFailed("no class was planned")
        return self.course

    async def join(self, other: Story, *, mandate: bool = True) -> None:
        """The worker presents the voucher and is enrolled in the class of another."""
        own = replace(other.class_, trainees=[self.trainee])
        await steps.enrol(self.client, own, mandate=mandate)
        other.class_.trainees.append(self.trainee)
        self.course = other.class_
        await self.quiet()

    async def attend(self, *others: Story, days: int | None = None, until: date = date.max) -> None:
        """The classes of the story and of `others` go on to their ends, or to the morning of the day `until`.

        Everybody comes to the first `days`, or to all.
        """
        sessions = [
            (datetime.fromisoformat(session["ends_at"]), day, story.class_)
            for story in (self, *others)
            for day, session in enumerate(story.class_.sessions)
        ]
        for ends_at, day, course in sorted(sessions, key=lambda session: session[:2]):
            if business_date(ends_at) > until:
                return await self.morning(until)
            await self.until(ends_at + A_MINUTE)
            if days is None or day < days:
                await steps.attend(self.client, course, day)
            else:
                await steps.close_session(self.client, course, day)
        return await self.days(0.25)

    async def complete(self, *, passes: bool = True, held_on: date | None = None, verified: bool = True) -> None:
        """The completion test and, unless it is left for later, the officer's verification."""
        self.trainee.passes = passes
        await steps.test(self.client, self.class_, held_on or await self.today())
        if verified:
            await steps.verify(self.client, self.staff, self.class_)
        await self.quiet()

    async def train(self, *, mandate: bool = True) -> None:
        """From the voucher to a completed and verified training."""
        await self.plan()
        await self.enrol(mandate=mandate)
        await self.attend()
        await self.complete()

    async def assess(
        self, *, held_on: date | None = None, body: Body | None = None, practice: int = 82, act: str = "first"
    ) -> Json:
        """The next morning's assessment, or that of `held_on`, and what its confirmation came to."""
        held_on = held_on or await self.today() + timedelta(days=1)
        await self.morning(held_on)
        self.results = await steps.assess(
            self.client, body or self.staff.body, self.trainee.skill, [self.trainee], held_on, number=self.number,
            act=act, practice=practice,
        )  # fmt: skip
        await self.quiet()
        return self.results

    async def admit(self, held_on: date) -> tuple[str, Json | Refused]:
        """An assessment is scheduled and the worker asks to be admitted; its id, and the answer."""
        body, skill = self.staff.body, self.trainee.skill
        session_id = await steps.schedule(self.client, body, skill, held_on, number=self.number)
        rows = {"rows": [{"enrolment_id": self.trainee.enrolment_id}]}
        path = f"/v1/assessment-sessions/{session_id}/candidates"
        return session_id, await self.client.try_post(body.actor, "evaluation", path, rows)

    async def certify(self, *, mandate: bool = True) -> None:
        """From a voucher to its certificate."""
        await self.train(mandate=mandate)
        await self.assess()

    @property
    def certificate_id(self) -> str:
        """The certificate of the last assessment."""
        (certificate,) = self.results["certificates"]
        return str(certificate["id"])

    async def certificate(self) -> Json:
        """The certificate of the last assessment, as its holder sees it."""
        return await self.client.get(self.trainee.actor, "evaluation", f"/v1/certificates/{self.certificate_id}")

    async def revoke(self) -> None:
        """Two officers revoke the certificate."""
        path = f"/v1/certificates/{self.certificate_id}"
        await self.client.post(self.staff.proposer, "evaluation", f"{path}/revocations", {"reason_code": "fraud"})
        await self.client.post(self.staff.approver, "evaluation", f"{path}/revocation-approvals")
        await self.quiet()

    async def merge(self, record: Trainee, survivor: Trainee) -> str:
        """Two officers merge two records of one person; the merger's path."""
        body = {
            "person_id": record.person_id,
            "survivor_id": survivor.person_id,
            "reason_code": "same_person",
            "evidence": "人口库核验为同一人",
        }
        merger = await self.client.post(self.staff.proposer, "voucher", "/v1/mergers", body)
        path = f"/v1/mergers/{merger['id']}"
        await self.client.post(self.staff.approver, "voucher", f"{path}/approvals")
        await self.quiet()
        return path

    # --- the money ---

    async def payouts(self) -> list[Json]:
        """All payouts of the worker, oldest first."""
        return await self.client.pages(self.staff.reviewer, "payout", "/v1/payouts", person_id=self.trainee.person_id)

    async def payout(self) -> Json:
        """The latest payout, as an officer sees it."""
        payouts = await self.payouts()
        if not payouts:
            raise DemoFailed(f"no payout of {self.trainee.person_id}")
        path = f"/v1/payouts/{payouts[-1]['id']}"
        return await self.client.get(self.staff.reviewer, "payout", path)

    async def pay(self, upto: str = "paid") -> Json:
        """The latest payout goes on until it is `upto`; each step by its own person."""
        while (payout := await self.payout())["status"] != upto:
            await self._step(payout, upto)
        return payout

    async def _step(self, payout: Json, upto: str) -> None:
        status, staff = payout["status"], self.staff
        if status == "checked":
            await self.decide(staff.reviewer, "/v1/payout-reviews", payout)
        elif status == "reviewed":
            await self.decide(staff.approver, "/v1/payout-approvals", payout)
        elif status == "approved" and payout["published_at"]:
            await self.quiet()  # the notice is not repeated: the clock clears it
        elif status == "approved":
            await self.decide(staff.second_approver, "/v1/payout-publications", payout, **steps.OFFICE)
        elif status == "published":
            await self.until(datetime.fromisoformat(payout["notice_ends_at"]) + A_MINUTE)
        elif status == "cleared":
            await carry_over(self.client, staff, payout["fund_id"])
            body = {"fund_id": payout["fund_id"], "payout_ids": [payout["id"]]}
            self.results["batch"] = await self.client.post(staff.cashier, "payout", "/v1/payment-batches", body)
        elif status == "batched":
            path = f"/v1/payment-batches/{self.results['batch']['id']}/releases"
            await self.client.post(staff.releaser, "payout", path)
            await self.quiet()
        else:
            raise DemoFailed(f"a payout that is {status} does not become {upto}: {payout['code']}")

    async def decide(self, officer: Actor, path: str, payout: Json, **more: object) -> Json:
        """One officer decides on one payout; what came of it."""
        row = {"payout_id": payout["id"]} | {name: more.pop(name) for name in ("reason_code", "final") if name in more}
        body = {"rows": [row], **more}
        answer = await self.client.post(officer, "payout", path, body)
        (result,) = answer["results"]
        if error := result.get("error"):
            raise RequestRefused("POST", path, Refused(0, error["code"], error["detail"]))
        return dict(result["result"])

    async def refused(self, code: str, act: Callable[..., Awaitable[object]], *arguments: Any) -> None:
        """`act` is refused with this code; `DemoFailed` if it is not."""
        try:
            await act(*arguments)
        except RequestRefused as refusal:
            if refusal.code == code:
                return
            raise DemoFailed(f"refused as {refusal.code}, and should be as {code}: {refusal}") from None
        raise DemoFailed(f"not refused, and should be as {code}")

    async def change_rate(self, new: Json) -> Json:
        """Two officers of the city add a row to the rate table, or one that takes another's place."""
        change = await self.client.post(self.staff.proposer, "payout", "/v1/rate-changes", new)
        path = f"/v1/rate-changes/{change['id']}"
        await self.client.post(self.staff.approver, "payout", f"{path}/approvals")
        await self.quiet()
        return await self.client.get(self.staff.proposer, "payout", path)

    async def pay_back(self, clawback_id: str, amount_fen: int, *, part: int = 1) -> None:
        """Money comes in; one finance officer records it, another matches it with the debt."""
        money = {
            "reference": f"IN-{clawback_id}-{part}",
            "amount_fen": amount_fen,
            "received_on": str(await self.today()),
        }
        incoming = await self.client.post(self.staff.cashier, "payout", "/v1/incoming-payments", money)
        path = f"/v1/incoming-payments/{incoming['id']}/matches"
        await self.client.post(self.staff.releaser, "payout", path, {"clawback_id": clawback_id})
        await self.quiet()

    async def clawbacks(self) -> list[Json]:
        """The debts of the institution."""
        found = await self.client.pages(self.staff.reviewer, "payout", "/v1/clawbacks")
        return [case for case in found if case["debtor_id"] == self.institution.code]

    async def fund(self, budget_fen: int, *, source: str = FUND_SOURCE) -> str:
        """A fund of the city for this year by two finance officers; its id."""
        body = {"fund_source": source, "area": CITY, "year": (await self.today()).year, "budget_fen": budget_fen}
        fund = await self.client.post(self.staff.cashier, "payout", "/v1/funds", body)
        await self.client.post(self.staff.releaser, "payout", f"/v1/funds/{fund['id']}/approvals")
        return str(fund["id"])

    async def change_account(self) -> None:
        """The institution names another account, which two finance officers confirm and which has to cool off."""
        finance = (self.staff.cashier, self.staff.releaser)
        await give_account(self.client, self.institution, finance, suffix="17")

    async def open_own_account(self, *, by: Actor | None = None, name: str = "", number: int = 0) -> None:
        """The worker names an account of their own, or finance one of their heirs; two finance officers confirm it."""
        name = name or self.trainee.citizen.name
        body = {
            "owner_kind": "worker",
            "owner_id": self.trainee.person_id,
            "bank_code": "102100099996",
            "account_number": f"6217{number:02}{int(self.trainee.citizen.phone):013}",
            "account_name": name,
        }
        account = await self.client.post(by or self.trainee.actor, "payout", "/v1/accounts", body)
        for officer in (self.staff.cashier, self.staff.releaser):
            path = f"/v1/accounts/{account['id']}/confirmations"
            await self.client.post(officer, "payout", path, {"payee_name": name})

    async def register_says(self, vital_status: str) -> None:
        """The register of deaths answers."""
        await steps.extract(self.client, self.trainee, await self.today(), vital_status=vital_status)
        await self.quiet()

    async def bank(self, path: str, body: Json) -> None:
        """Something happens at the sandbox bank."""
        (await self.client.clients["bank"].post(path, json=body)).raise_for_status()

    # --- what became of it ---

    async def voucher(self, voucher_id: str | None = None) -> Json:
        """A voucher of the worker as they see it, the last if none is named."""
        path = f"/v1/vouchers/{voucher_id or self.trainee.voucher_id}"
        return await self.client.get(self.trainee.actor, "voucher", path)

    async def ledger(self) -> dict[str, int]:
        """The balances of all funds, by account, fen."""
        ledger = await self.client.get(self.staff.cashier, "payout", "/v1/ledger")
        balances: dict[str, int] = {}
        for account in ledger["accounts"]:
            balances[account["account"]] = balances.get(account["account"], 0) + int(account["balance_fen"])
        return {"sum": ledger["sum_fen"], **balances}


@dataclass
class Stories:
    """What several stories have in common, and their shared clock."""

    client: ApiClient
    staff: Staff
    casting: Casting
    clock: SharedClock = field(init=False)
    numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        """Share the client's clock."""
        self.clock = SharedClock(self.client.clock)

    @contextlib.asynccontextmanager
    async def begin(self, skill: Skill = COMPETENCE) -> AsyncIterator[Story]:
        """A worker, and an institution whose account has cooled off."""
        async with self.clock.story() as clock:
            client, number = replace(self.client, clock=clock), next(self.numbers)
            officers, finance = (self.staff.proposer, self.staff.approver), (self.staff.cashier, self.staff.releaser)
            institution = await open_institution(client, officers, self.casting, f"培训学校{number}", TRAINERS)
            await give_account(client, institution, finance)
            await clock.advance(await clock.now() + COOL_OFF)
            trainee = Trainee(self.casting.citizen(), skill)
            await steps.enter(client, self.casting, trainee)
            yield Story(client, self.staff, self.casting, institution, trainee, number)
