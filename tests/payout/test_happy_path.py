"""From a certificate to the money: every step by its own person, the ledger and the bank's book agreeing."""

from datetime import timedelta

from services.payout.instructions.timers import deliver
from services.payout.payment_batches.service import build_batch, release_batch
from services.payout.payouts.domain import PayoutState
from services.payout.reviews.service import approve_payouts, publish_payouts, review_payouts
from tests.payout.city import MONDAY, Case, City, accepted, decide
from tests.payout.counter import BankCounter


async def test_a_certificate_becomes_money(city: City, bank: BankCounter) -> None:
    fund = await city.begin()
    case = Case()
    opened = await city.open(case)
    assert (opened.status, opened.amount_fen, opened.area) == (PayoutState.OPENED, 160_000, "410402")
    await city.tick()
    accepted(await decide(city, review_payouts, city.reviewer, opened))
    accepted(await decide(city, approve_payouts, city.approver, opened))
    accepted(await decide(city, publish_payouts, city.approver, opened))
    await city.database.set_business_time(MONDAY + timedelta(days=6, hours=23))
    await city.tick()
    assert (await city.now_of(opened)).status is PayoutState.PUBLISHED
    await city.database.set_business_time(MONDAY + timedelta(days=7, minutes=1))
    await city.tick()
    async with city.database.api.unit_of_work() as uow:
        built = await build_batch(uow, city.cashier, fund.id, None)
    assert (built.batch.count, built.batch.amount_fen) == (1, 160_000)
    async with city.database.api.unit_of_work() as uow:
        await release_batch(uow, city.releaser, built.batch.id)
    await city.tick()
    assert (await city.now_of(opened)).status is PayoutState.SENT
    assert await deliver(city.database.worker, bank.office) == 1
    await city.tick()

    paid = await city.now_of(opened)
    assert paid.status is PayoutState.PAID
    assert (await bank.book()) == {"instructions": 1, "accepted_fen": 160_000, "paid_fen": 160_000, "failed_fen": 0}
    (figures,) = await city.sql("owner", "SELECT budget_fen, reserved_fen, spent_fen FROM funds")
    assert tuple(figures) == (100_000_000, 0, 160_000)
    (batch,) = await city.sql("owner", "SELECT status FROM payment_batches")
    assert batch.status == "settled"
    told = [row.name for row in await city.sql(
        "worker",
        "SELECT envelope::json ->> 'type' AS name FROM outbox WHERE aggregate_id = :id ORDER BY id", id=str(paid.id),
    )]  # fmt: skip
    steps = ("opened", "checked", "reviewed", "approved", "published", "cleared", "batched", "sent", "paid")
    assert told == [f"cn.skillvoucher.payout.payout.{step}.v1" for step in steps]
