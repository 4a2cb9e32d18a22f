"""Taking payouts from state to state, each step by the person whose it is."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from services.payout.bank.domain import BankChannel
from services.payout.decisions.service import Outcome
from services.payout.notices import service as notices
from services.payout.notices.domain import Contact
from services.payout.payment_batches.domain import PaymentBatchFacts
from services.payout.payment_batches.service import build_payment_batch, release_payment_batch
from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.reviews.service import approve_payouts, review_payouts
from shared.persistence import UnitOfWork
from shared.security import Principal
from tests.payout.scenario import MONDAY, Scenario, accepted, decide

AFTER_THE_NOTICE = MONDAY + timedelta(days=8)
"""The notice that begins on a Monday ends with the Monday after: a Tuesday."""


ORDER = (
    PayoutState.OPENED,
    PayoutState.CHECKED,
    PayoutState.REVIEWED,
    PayoutState.APPROVED,
    PayoutState.PUBLISHED,
    PayoutState.CLEARED,
    PayoutState.BATCHED,
    PayoutState.SENT,
)


CONTACT = Contact("0375-2970000", "平顶山市新城区人力资源和社会保障局")


async def publish_payouts(uow: UnitOfWork, caller: Principal, ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """A city officer puts payouts on public notice."""
    return await notices.publish_payouts(uow, caller, ids, CONTACT)


async def advance(scenario: Scenario, until: PayoutState, *payouts: PayoutFacts) -> list[PayoutFacts]:
    """Take opened payouts of one fund to `until`, one of `ORDER`."""
    steps = ORDER[: ORDER.index(until) + 1]
    if PayoutState.CHECKED in steps:
        await scenario.run_timers()
    if PayoutState.REVIEWED in steps:
        accepted(await decide(scenario, review_payouts, scenario.reviewer, *payouts))
    if PayoutState.APPROVED in steps:
        accepted(await decide(scenario, approve_payouts, scenario.approver, *payouts))
    if PayoutState.PUBLISHED in steps:
        accepted(await decide(scenario, publish_payouts, scenario.approver, *payouts))
    if PayoutState.CLEARED in steps:
        await scenario.database.set_business_time(AFTER_THE_NOTICE)
        await scenario.run_timers()
    if PayoutState.BATCHED in steps:
        batch = await build(scenario, *payouts)
        if PayoutState.SENT in steps:
            await release(scenario, batch.id)
            await scenario.run_timers()
    walked = [await scenario.now_of(payout) for payout in payouts]
    assert {payout.status for payout in walked} == {until}
    return walked


async def build(
    scenario: Scenario, *payouts: PayoutFacts, channel: BankChannel = BankChannel.HTTP
) -> PaymentBatchFacts:
    """The cashier puts payouts of one fund on a batch."""
    fund_id = (await scenario.now_of(payouts[0])).fund_id
    assert fund_id is not None
    async with scenario.database.api.unit_of_work() as uow:
        ids = [payout.id for payout in payouts]
        return (await build_payment_batch(uow, scenario.cashier, fund_id, ids, channel)).batch


async def release(scenario: Scenario, batch_id: UUID) -> PaymentBatchFacts:
    """The releaser releases a batch."""
    async with scenario.database.api.unit_of_work() as uow:
        return await release_payment_batch(uow, scenario.releaser, batch_id)
