"""From a certificate to the money: every step by its own person, the ledger and the bank's book agreeing."""

from datetime import timedelta

from services.payout.instructions.timers import deliver
from services.payout.payment_batches.service import build_payment_batch, release_payment_batch
from services.payout.payouts.domain import PayoutState
from services.payout.reviews.service import approve_payouts, review_payouts
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import MONDAY, Case, Scenario, accepted, decide
from tests.payout.steps import publish_payouts


async def test_a_certificate_becomes_money(scenario: Scenario, bank: SandboxBank) -> None:
    fund = await scenario.begin()
    case = Case()
    opened = await scenario.open(case)
    assert (opened.status, opened.amount_fen, opened.area) == (PayoutState.OPENED, 160_000, "410402")
    await scenario.run_timers()
    accepted(await decide(scenario, review_payouts, scenario.reviewer, opened))
    accepted(await decide(scenario, approve_payouts, scenario.approver, opened))
    accepted(await decide(scenario, publish_payouts, scenario.approver, opened))
    await scenario.database.set_business_time(MONDAY + timedelta(days=7, hours=13))
    await scenario.run_timers()
    assert (await scenario.now_of(opened)).status is PayoutState.PUBLISHED
    await scenario.database.set_business_time(MONDAY + timedelta(days=7, hours=14))
    await scenario.run_timers()
    async with scenario.database.api.unit_of_work() as uow:
        built = await build_payment_batch(uow, scenario.cashier, fund.id, None)
    assert (built.batch.count, built.batch.amount_fen) == (1, 160_000)
    async with scenario.database.api.unit_of_work() as uow:
        await release_payment_batch(uow, scenario.releaser, built.batch.id)
    await scenario.run_timers()
    assert (await scenario.now_of(opened)).status is PayoutState.SENT
    assert await deliver(scenario.database.worker, bank.client) == 1
    await scenario.run_timers()

    paid = await scenario.now_of(opened)
    assert paid.status is PayoutState.PAID
    sums = {"accepted_fen": 160_000, "paid_fen": 160_000, "failed_fen": 0, "returned_fen": 0}
    assert (await bank.book()) == {"instructions": 1, **sums}
    (figures,) = await scenario.sql("owner", "SELECT budget_fen, reserved_fen, spent_fen FROM funds")
    assert tuple(figures) == (100_000_000, 0, 160_000)
    (batch,) = await scenario.sql("owner", "SELECT status FROM payment_batches")
    assert batch.status == "settled"
    event = [row.name for row in await scenario.sql(
        "worker",
        "SELECT envelope::json ->> 'type' AS name FROM outbox WHERE aggregate_id = :id ORDER BY id", id=str(paid.id),
    )]  # fmt: skip
    steps = ("opened", "checked", "reviewed", "approved", "published", "cleared", "batched", "sent", "paid")
    assert event == [f"cn.skillvoucher.payout.payout.{step}.v1" for step in steps]
