"""The same acts over payout's own commands, by the people whose they are, on a real database."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from services.payout.bank.domain import Answer, BankAnswer, ReturnReport
from services.payout.claims.service import claim_payout
from services.payout.clawbacks.service import record_incoming
from services.payout.instructions.domain import DueCall, Reply
from services.payout.instructions.service import lease_due, record_answers
from services.payout.money_returns.service import record_returned
from services.payout.objections.domain import Channel, Filing, Outcome
from services.payout.objections.service import (
    decide_objection,
    file_objection,
    lodge_objection,
    propose_decision,
    rule_on_objection,
)
from services.payout.payment_batches.service import build_payment_batch, release_payment_batch
from services.payout.payouts.domain import PayoutNotFound
from services.payout.payouts.service import lift_hold, place_hold
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import approve_payouts, correct_payouts, reject_payouts, review_payouts
from shared.contracts.evaluation import CertificateRevokedV1
from shared.kernel.clock import business_date
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.messaging.timers import take_turn
from shared.persistence import refusal_of
from shared.security import Role
from tests.payout.model.wanted import BUDGET_FEN, Act, Key, Wanted
from tests.payout.scenario import MONDAY, SCHOOL, Case, Scenario, officer, school, worker
from tests.payout.steps import publish_payouts
from tests.registered import registered_person
from tests.worker_process import worker_of

TIMERS = {
    "check": "payout.check",
    "judge_again": "payout.judge_again",
    "clear": "payout.clear_notice",
    "send": "payout.send",
}

STANDS = """
SELECT payouts.id, voucher_id, payouts.status, payouts.open_holds, attempt, offset_fen,
    notice_ends_at, payouts.code,
    coalesce(outstanding_fen, 0) AS outstanding_fen, debt_settled_at IS NOT NULL AS settled
FROM payouts LEFT JOIN clawbacks ON clawbacks.payout_id = payouts.id ORDER BY payouts.id
"""

BROKEN = """
SELECT 'a key is paid twice' FROM payouts WHERE status = 'paid' OR status = 'reversed' AND debt_settled_at IS NULL
    GROUP BY key_person_id, skill_code, level, benefit HAVING count(*) > 1
UNION ALL SELECT 'two instructions stand' FROM deliveries WHERE outcome IS NULL OR outcome = 'paid'
    GROUP BY payout_id HAVING count(*) > 1
UNION ALL SELECT 'the bank was given what was not approved' FROM deliveries JOIN payouts ON payouts.id = payout_id
    WHERE approved_by IS NULL AND outcome IS DISTINCT FROM 'failed' AND outcome IS DISTINCT FROM 'returned'
UNION ALL SELECT 'paid without a valid certificate' FROM payouts JOIN certificate_statuses USING (certificate_id)
    WHERE payouts.status = 'paid' AND certificate_statuses.status <> 'valid'
UNION ALL SELECT 'a fund below zero' FROM funds
    WHERE least(reserved_fen, spent_fen, receivable_fen, budget_fen - reserved_fen - spent_fen - receivable_fen) < 0
UNION ALL SELECT 'the ledger does not balance' FROM ledger_postings GROUP BY transaction_id HAVING sum(amount_fen) <> 0
UNION ALL SELECT 'the ledger is not the funds' FROM funds
    WHERE (budget_fen, reserved_fen, spent_fen, receivable_fen) <> (
    SELECT -sum(amount_fen) FILTER (WHERE account = 'appropriation'),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'reserved'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'receivable'), 0)
    FROM ledger_postings WHERE fund_id = funds.id)
"""
"""What is never so, whatever the model says."""


class Service:
    """Payout, and everybody around it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.fund_id = uuid7()
        self.people = [uuid7() for _ in range(4)]
        self.cases: list[Case] = []
        self.ids: list[UUID] = []
        self.batches: dict[int, UUID] = {}
        self.objections: dict[int, list[UUID]] = {}
        self.lodged: dict[UUID, UUID] = {}
        self.calls: dict[UUID, DueCall] = {}
        self.accounts = 1
        self.desk = (officer(Role.OFFICER), officer(Role.OFFICER))
        """Two of the city who decide on objections and stop payouts, and review none."""

    async def begin(self) -> None:
        """A listed school with an account, and one fund that is soon short."""
        self.fund_id = (await self.scenario.begin(budget_fen=BUDGET_FEN)).id

    async def take(self, act: Act) -> bool:
        """Do it; whether it is accepted."""
        try:
            outcome = await getattr(self, act[0])(act[1])
        except DomainError:
            return False
        except DBAPIError as refused:
            if refusal_of(refused) is None:
                raise
            return False
        return not isinstance(outcome, DomainError)

    async def stands(self) -> list[Any]:
        """Every payout as it stands, in order of opening."""
        return await self.scenario.sql("owner", STANDS)

    async def figures(self) -> tuple[int, int, int]:
        """Reserved, spent and receivable, fen."""
        (row,) = await self.scenario.sql("owner", "SELECT reserved_fen, spent_fen, receivable_fen FROM funds")
        return tuple(row)

    async def broken(self) -> list[str]:
        """Which invariants do not hold."""
        return [row[0] for row in await self.scenario.sql("owner", BROKEN)]

    async def certify(self, key: Key, now: datetime) -> None:
        """A voucher of a key is certified."""
        person, level = key
        case = Case(person_id=self.people[person], level=level, eligibility_decided_on=business_date(now))
        self.cases.append(case)
        await self.scenario.receive(
            self.scenario.verified(case), self.scenario.issued(case), self.scenario.certified(case)
        )

    async def new_account(self, now: datetime) -> None:
        """The school's account in another version, which cools off."""
        self.accounts += 1
        await self.scenario.account(SCHOOL, number=f"62220200{self.accounts:08}")
        await self.wait(now)

    async def wait(self, now: datetime) -> None:
        """Time passes."""
        await self.scenario.database.set_business_time(now)

    async def claim(self, at: int) -> Any:
        """The institution claims a voucher."""
        async with self.scenario.database.api.unit_of_work(school().actor) as uow:
            return await claim_payout(uow, school(), self.cases[at].voucher_id)

    async def revoke(self, at: int) -> Any:
        """Evaluation revokes a certificate."""
        event = self.scenario.next_event(
            CertificateRevokedV1, self.cases[at].certificate_id, since=date(2033, 3, 15), reason_code="forged"
        )
        await self.scenario.receive(event)

    async def _decide(self, command: Any, by: Any, at: int, *more: Any) -> Any:
        async with self.scenario.database.api.unit_of_work(by.actor) as uow:
            wanted: Any = {self.ids[at]: more[0]} if more else [self.ids[at]]
            return (await command(uow, by, wanted))[self.ids[at]]

    async def review(self, at: int) -> Any:
        """An officer of the area."""
        return await self._decide(review_payouts, self.scenario.reviewer, at)

    async def approve(self, at: int) -> Any:
        """An officer of the city."""
        return await self._decide(approve_payouts, self.scenario.approver, at)

    async def publish(self, at: int) -> Any:
        """An officer of the city."""
        return await self._decide(publish_payouts, self.scenario.approver, at)

    async def correct(self, at: int) -> Any:
        """An officer of the area."""
        return await self._decide(correct_payouts, self.scenario.reviewer, at)

    async def reject(self, at: int) -> Any:
        """An officer of the area."""
        return await self._decide(reject_payouts, self.scenario.reviewer, at, Rejection("false_roster"))

    async def reject_for_good(self, at: int) -> Any:
        """An officer of the area, under the desk's hold."""
        return await self._decide(reject_payouts, self.scenario.reviewer, at, Rejection("false_roster", final=True))

    async def lodge(self, at: int) -> Any:
        """The school, which is the payee."""
        async with self.scenario.database.api.unit_of_work(school().actor) as uow:
            filed = await lodge_objection(uow, school(), Filing(self.ids[at], "属实", None, Channel.APP, None))
        self.lodged[self.ids[at]] = filed.id
        return filed

    async def uphold(self, at: int) -> Any:
        """An officer of the city."""
        by = self.scenario.approver
        if self.ids[at] not in self.lodged:
            return PayoutNotFound()
        async with self.scenario.database.api.unit_of_work(by.actor) as uow:
            return await rule_on_objection(uow, by, self.lodged[self.ids[at]], Outcome.UPHELD, "roster_proven")

    async def hold(self, at: int) -> Any:
        """An officer of the desk."""
        async with self.scenario.database.api.unit_of_work(self.desk[0].actor) as uow:
            return await place_hold(uow, self.desk[0], self.ids[at], "doubt")

    async def lift(self, at: int) -> Any:
        """The other officer of the desk."""
        query = "SELECT id FROM payout_holds WHERE payout_id = :id AND source = 'officer' AND lifted_at IS NULL"
        found = await self.scenario.sql("owner", query, id=self.ids[at])
        if not found:
            return PayoutNotFound()
        async with self.scenario.database.api.unit_of_work(self.desk[1].actor) as uow:
            return await lift_hold(uow, self.desk[1], self.ids[at], found[0].id)

    async def object_to(self, at: int) -> Any:
        """A neighbour, who objects once."""
        (row,) = await self.scenario.sql("owner", "SELECT notice_id FROM payouts WHERE id = :id", id=self.ids[at])
        if row.notice_id is None:
            return PayoutNotFound()
        neighbour = worker(registered_person())
        async with self.scenario.database.api.unit_of_work(neighbour.actor) as uow:
            filing = Filing(self.ids[at], "不属实", None, Channel.APP, None)
            filed = await file_objection(uow, neighbour, row.notice_id, filing)
        self.objections.setdefault(at, []).append(filed.id)
        return filed

    async def dismiss(self, at: int) -> Any:
        """The desk, one after the other."""
        if not self.objections.get(at):
            return PayoutNotFound()
        objection = self.objections[at].pop()
        async with self.scenario.database.api.unit_of_work(self.desk[0].actor) as uow:
            await propose_decision(uow, self.desk[0], objection, Outcome.DISMISSED, "attendance_proven")
        async with self.scenario.database.api.unit_of_work(self.desk[1].actor) as uow:
            return await decide_objection(uow, self.desk[1], objection)

    async def build(self, at: int) -> Any:
        """The cashier, with one payout."""
        by = self.scenario.cashier
        async with self.scenario.database.api.unit_of_work(by.actor) as uow:
            built = await build_payment_batch(uow, by, self.fund_id, [self.ids[at]])
        self.batches[at] = built.batch.id
        return built

    async def release(self, at: int) -> Any:
        """The releaser."""
        if at not in self.batches:
            return PayoutNotFound()
        by = self.scenario.releaser
        async with self.scenario.database.api.unit_of_work(by.actor) as uow:
            return await release_payment_batch(uow, by, self.batches[at])

    async def repay(self, at: int, amount_fen: int = 0) -> Any:
        """The bank's own list shows the same money twice."""
        said: dict[str, Any] = {"reference": f"I{uuid7()}", "amount_fen": amount_fen, "about": self.ids[at]}
        for _ in range(2):
            async with self.scenario.database.worker.unit_of_work() as uow:
                await record_incoming(uow, received_on=business_date(MONDAY), **said)

    async def bank_paid(self, at: int) -> Any:
        """The bank answers, twice."""
        await self._answer(at, BankAnswer(Answer.PAID))

    async def bank_failed(self, at: int) -> Any:
        """The bank answers, twice."""
        await self._answer(at, BankAnswer(Answer.FAILED, "account_name_wrong"))

    async def bank_silent(self, at: int) -> Any:
        """The bank does not answer."""
        await self._answer(at, BankAnswer(Answer.SILENT))

    async def _answer(self, at: int, answer: BankAnswer) -> None:
        database = self.scenario.database.worker
        await self.scenario.sql("worker", "UPDATE deliveries SET next_call_at = now() WHERE outcome IS NULL")
        async with database.unit_of_work() as uow:
            self.calls |= {call.instruction.payout_id: call for call in await lease_due(uow, 100)}
        if self.ids[at] in self.calls:
            for _ in range(2):
                async with database.unit_of_work() as uow:
                    await record_answers(uow, [Reply(self.calls[self.ids[at]], answer, given=True)])

    async def bank_returned(self, at: int) -> Any:
        """The bank reports, twice, all that it was given for the present attempt."""
        query = (
            "SELECT instruction_id, deliveries.amount_fen FROM deliveries JOIN instructions ON instructions.id ="
            " instruction_id JOIN payouts ON payouts.id = instructions.payout_id AND payouts.attempt ="
            " instructions.attempt WHERE payouts.id = :id AND deliveries.amount_fen > 0 AND payouts.status = 'paid'"
        )
        for row in await self.scenario.sql("owner", query, id=self.ids[at]):
            report = ReturnReport(f"R{uuid7()}", row.instruction_id, row.amount_fen, "account_name_wrong")
            for _ in range(2):
                async with self.scenario.database.worker.unit_of_work() as uow:
                    await record_returned(uow, [report])

    async def turn(self, _: int = 0) -> Any:
        """One turn of every timer."""
        await self.scenario.run_timers()

    async def _timer(self, name: str) -> Any:
        (timer,) = (timer for timer in worker_of("payout").timers if timer.name == TIMERS[name])
        return await take_turn(self.scenario.database.worker, timer)

    async def check(self, _: int = 0) -> Any:
        """One timer."""
        return await self._timer("check")

    async def judge_again(self, _: int = 0) -> Any:
        """One timer."""
        return await self._timer("judge_again")

    async def clear(self, _: int = 0) -> Any:
        """One timer."""
        return await self._timer("clear")

    async def send(self, _: int = 0) -> Any:
        """One timer."""
        return await self._timer("send")


def difference(wanted: Wanted, service: Service, stands: list[Any]) -> list[str]:
    """Where the service stands otherwise than the model; payouts of one voucher are compared in their order."""
    found: list[str] = []
    of_voucher: dict[UUID, list[Any]] = {}
    for row in stands:
        of_voucher.setdefault(row.voucher_id, []).append(row)
    for number, case in enumerate(service.cases):
        ought = [payout for payout in wanted.payouts if payout.voucher == number]
        rows = of_voucher.get(case.voucher_id, [])
        if len(rows) != len(ought):
            found.append(f"voucher {number}: {len(rows)} payouts, not {len(ought)}")
            continue
        for payout, row in zip(ought, rows, strict=True):
            says = (payout.status, payout.holds.total(), payout.attempt, payout.offset_fen, payout.outstanding_fen)
            is_ = (row.status, row.open_holds, row.attempt, row.offset_fen, row.outstanding_fen)
            if (*says, payout.settled) != (*is_, row.settled):
                found.append(f"voucher {number}: {is_}, not {says}")
            if payout.status == "rejected" and payout.code != row.code:
                found.append(f"voucher {number}: {row.code}, not {payout.code}")
    return found
