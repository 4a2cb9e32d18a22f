"""Debts as tests make and read them: paid, revoked, set off, paid back, and what officers do about them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.payout.clawbacks import service
from services.payout.clawbacks.domain import ClawbackFacts, Measure
from services.payout.clawbacks.queries import list_clawbacks, movements_of, pending_fen
from services.payout.clawbacks.service import record_incoming
from services.payout.incoming_payments.domain import IncomingFacts
from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.contracts.evaluation import CertificateRevokedV1
from shared.kernel.clock import business_date
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork
from shared.security import Principal, Role
from tests.payout.money_returns.test_money_returns import answered
from tests.payout.scenario import Case, Scenario, officer
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, release

RATE_FEN, SMALL_FEN = 160_000, 30_000
BUDGET_FEN = 100_000_000


def small_case(**changes: object) -> Case:
    """The review of a permit: worth less than a first certificate."""
    return replace(Case(), level=0, kind="special_operation", act="review", skill_code="TZ-01", **changes)  # type: ignore[arg-type]  # of a dataclass


async def cleared(scenario: Scenario, *cases: Case) -> list[PayoutFacts]:
    """Payouts that finance may pay."""
    await scenario.begin()
    return await advance(scenario, PayoutState.CLEARED, *[await scenario.open(case) for case in cases])


async def send(scenario: Scenario, *payouts: PayoutFacts) -> None:
    """Finance builds and releases a batch, and the money is on its way."""
    await release(scenario, (await build(scenario, *payouts)).id)
    await scenario.run_timers()


async def pay(scenario: Scenario, *payouts: PayoutFacts) -> None:
    """The bank pays a batch."""
    await send(scenario, *payouts)
    await answered(scenario)


async def revoke(scenario: Scenario, case: Case) -> None:
    """Evaluation revokes a certificate."""
    await scenario.receive(
        scenario.next_event(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 15), reason_code="forged")
    )


async def cases(scenario: Scenario) -> list[ClawbackFacts]:
    """Every case, oldest first."""
    async with scenario.database.api.unit_of_work() as uow:
        return await list_clawbacks(uow, officer(Role.OFFICER), None, after=None, limit=100)


async def only_case(scenario: Scenario) -> ClawbackFacts:
    """The only case."""
    (case,) = await cases(scenario)
    return case


async def statement(scenario: Scenario, case: ClawbackFacts) -> list[tuple[str, int]]:
    """Kind and fen of every movement."""
    async with scenario.database.api.unit_of_work() as uow:
        return [(str(line.kind), line.amount_fen) for line in await movements_of(uow, case.id)]


async def pending(scenario: Scenario, case: ClawbackFacts) -> int:
    """What payments under way are set off against it."""
    async with scenario.database.api.unit_of_work() as uow:
        return (await pending_fen(uow, [case.id]))[case.id]


async def instructed(scenario: Scenario, payout: PayoutFacts) -> list[int]:
    """What the bank was instructed to pay, attempt by attempt."""
    rows = await scenario.sql(
        "owner", "SELECT amount_fen FROM deliveries WHERE payout_id = :id ORDER BY next_call_at", id=payout.id
    )
    return [row.amount_fen for row in rows]


async def incoming(scenario: Scenario, reference: str, amount_fen: int, about: UUID | None = None) -> IncomingFacts:
    """The bank's own list shows money that came in."""
    async with scenario.database.worker.unit_of_work() as uow:
        return await record_incoming(
            uow, reference=reference, amount_fen=amount_fen, received_on=uow.today, about=about
        )


async def refusal(scenario: Scenario, act: Callable[[UnitOfWork], Awaitable[object]]) -> str | None:
    """The code with which an act is refused; None if it is done."""
    try:
        async with scenario.database.api.unit_of_work() as uow:
            await act(uow)
    except DomainError as refused_with:
        return refused_with.code
    return None


async def propose(
    scenario: Scenario, case: ClawbackFacts, measure: Measure, by: Principal, parts: int | None = None
) -> str | None:
    """An officer proposes what is to be done; instalments begin a month later."""
    first = business_date(AFTER_THE_NOTICE + timedelta(days=30)) if parts else None
    return await refusal(scenario, lambda uow: service.propose_measure(uow, by, case.id, measure, parts, first))


async def approve(scenario: Scenario, case: ClawbackFacts, by: Principal) -> str | None:
    """Another officer approves."""
    return await refusal(scenario, lambda uow: service.approve_measure(uow, by, case.id))


async def approve_write_off(scenario: Scenario, case: ClawbackFacts) -> str | None:
    """Three officers try to give a debt up; the code of the first refusal, and the proposal is gone again."""
    assert await propose(scenario, case, Measure.WRITE_OFF, scenario.reviewer) is None
    endorsed = await approve(scenario, case, scenario.approver)
    code = endorsed or await approve(scenario, case, scenario.second)
    if code is not None:
        assert await refusal(scenario, lambda uow: service.reject_measure(uow, scenario.second, case.id)) is None
    return code


async def opened_debt(scenario: Scenario, case: Case | None = None) -> ClawbackFacts:
    """A debt that stands."""
    forged = case or Case()
    (payout,) = await cleared(scenario, forged)
    await pay(scenario, payout)
    await revoke(scenario, forged)
    return await only_case(scenario)
