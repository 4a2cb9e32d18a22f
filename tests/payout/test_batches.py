"""Payment batches: built by one, released by another, sent only if everything still holds."""

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.payout.funds.domain import FundNotFound
from services.payout.holds.queries import open_holds
from services.payout.holds.service import hold_payout, lift_hold
from services.payout.payment_batches.domain import NothingToPay, PaymentBatchNotFound
from services.payout.payment_batches.service import Built, build_batch, release_batch
from services.payout.payouts.domain import OfficerNotDistinct, PayoutFacts, PayoutState
from shared.contracts.evaluation import CertificateExpiredV1, CertificateRevokedV1
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import Held, TransitionRefused
from shared.security import Principal, Role
from tests.payout.city import Case, City, officer
from tests.payout.way import build, release, walk


async def attempt(city: City, caller: Principal, fund_id: UUID | None, *payouts: PayoutFacts) -> Built:
    """A finance officer builds a batch of these payouts."""
    assert fund_id is not None
    async with city.database.api.unit_of_work() as uow:
        return await build_batch(uow, caller, fund_id, [one.id for one in payouts] or None)


def as_finance(caller: Principal) -> Principal:
    """The same natural person with a finance account."""
    return replace(caller, role=Role.FINANCE, account="finance", areas=frozenset({"410400"}))


async def test_whoever_decided_on_a_payout_neither_batches_nor_releases_it(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.CLEARED, await city.open())
    for earlier in (city.reviewer, city.approver):
        with pytest.raises(OfficerNotDistinct):
            await attempt(city, as_finance(earlier), payout.fund_id, payout)
    batch = await build(city, payout)
    for earlier in (city.reviewer, city.approver, city.cashier):
        with pytest.raises(OfficerNotDistinct):
            async with city.database.api.unit_of_work() as uow:
                await release_batch(uow, as_finance(earlier), batch.id)
    await release(city, batch.id)
    with pytest.raises(TransitionRefused):
        await release(city, batch.id)


async def test_what_may_not_be_paid_is_left_out_and_named(city: City) -> None:
    await city.begin()
    good, held = await walk(city, PayoutState.CLEARED, await city.open(), await city.open())
    fresh = await city.open()
    async with city.database.api.unit_of_work() as uow:
        await hold_payout(uow, city.reviewer, held.id, "objection")
    built = await attempt(city, city.cashier, good.fund_id, good, held, fresh, good)
    assert (built.batch.count, built.batch.amount_fen) == (1, good.amount_fen)
    assert {payout_id: why.code for payout_id, why in built.refused.items()} == {
        held.id: "held",
        fresh.id: "wrong_state",
    }
    with pytest.raises(Held):
        await attempt(city, city.cashier, good.fund_id, held)
    with pytest.raises(NothingToPay):
        await attempt(city, city.cashier, good.fund_id)


async def test_a_batch_pays_from_one_fund_in_the_callers_areas(city: City) -> None:
    await city.begin()
    area_fund = await city.fund(area="410403")
    in_city, in_area = await city.open(), await city.open(replace(Case(), area="410403"))
    city.reviewer = officer(Role.OFFICER)
    in_city, in_area = await walk(city, PayoutState.CLEARED, in_city, in_area)
    built = await attempt(city, city.cashier, area_fund.id, in_city, in_area)
    assert (built.batch.count, built.refused[in_city.id].code) == (1, "payout_of_another_fund")
    foreign = officer(Role.FINANCE, "410402")
    with pytest.raises(FundNotFound):
        await attempt(city, foreign, area_fund.id)
    with pytest.raises(PaymentBatchNotFound):
        async with city.database.api.unit_of_work() as uow:
            await release_batch(uow, foreign, built.batch.id)


async def test_batches_built_at_once_hold_every_payout_once(city: City) -> None:
    await city.begin()
    payouts = await walk(city, PayoutState.CLEARED, *[await city.open() for _ in range(6)])

    async def one() -> Built | DomainError:
        try:
            return await attempt(city, officer(Role.FINANCE), payouts[0].fund_id)
        except DomainError as refusal:
            return refusal

    outcomes = await asyncio.gather(*(one() for _ in range(5)))
    batches = [outcome.batch for outcome in outcomes if isinstance(outcome, Built)]
    assert sum(batch.count for batch in batches) == 6
    rows = await city.sql("owner", "SELECT payout_id FROM payment_batch_items")
    assert sorted(row.payout_id for row in rows) == sorted(payout.id for payout in payouts)


async def test_a_release_and_a_revocation_at_once_never_send_without_certificate(city: City) -> None:
    await city.begin()
    cases = [Case() for _ in range(5)]
    payouts = await walk(city, PayoutState.BATCHED, *[await city.open(case) for case in cases])
    rows = await city.sql("owner", "SELECT DISTINCT batch_id FROM payment_batch_items")
    await release(city, rows[0].batch_id)
    revoked = [
        city.tell(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 14), reason_code="fraud")
        for case in cases
    ]
    await asyncio.gather(*(city.hear(event) for event in revoked), *(city.tick() for _ in range(4)))
    for payout in payouts:
        now = await city.now_of(payout)
        # Either the revocation came first and nothing is sent, or the money was under way and the case is listed.
        assert (now.status, now.open_holds) in ((PayoutState.REJECTED, 0), (PayoutState.SENT, 1))


async def test_a_forged_row_found_at_sending_is_held_and_never_sent(city: City) -> None:
    await city.begin()
    forged, honest = Case(), Case()
    payouts = await walk(city, PayoutState.BATCHED, await city.open(forged), await city.open(honest))
    await city.sql("owner", "ALTER TABLE certificate_copies DISABLE TRIGGER USER")
    await city.sql(
        "owner",
        "UPDATE certificate_copies SET jws = :jws WHERE certificate_id = :id",
        jws=city.sign(honest), id=forged.certificate_id,
    )  # fmt: skip
    (row,) = await city.sql("owner", "SELECT DISTINCT batch_id FROM payment_batch_items")
    await release(city, row.batch_id)
    await city.tick()
    await city.tick()
    first, second = [await city.now_of(one) for one in payouts]
    assert (first.status, first.open_holds, second.status) == (PayoutState.BATCHED, 1, PayoutState.SENT)
    (batch,) = await city.sql("owner", "SELECT status FROM payment_batches")
    assert batch.status == "released"


async def test_a_certificate_that_expired_is_held_at_sending_until_an_officer_rejects(city: City) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.BATCHED, await city.open(case))
    (row,) = await city.sql("owner", "SELECT DISTINCT batch_id FROM payment_batch_items")
    await release(city, row.batch_id)
    expired = city.tell(CertificateExpiredV1, case.certificate_id, since=date(2033, 3, 14), reason_code="expired")
    await city.hear(expired)
    await city.tick()
    await city.tick()
    assert (await city.now_of(payout)).open_holds == 1
    assert len(await city.events("payout.held")) == 1


async def test_a_payout_held_after_the_release_is_sent_when_the_hold_is_lifted(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.BATCHED, await city.open())
    (row,) = await city.sql("owner", "SELECT DISTINCT batch_id FROM payment_batch_items")
    async with city.database.api.unit_of_work() as uow:
        await hold_payout(uow, city.reviewer, payout.id, "objection")
    await release(city, row.batch_id)
    await city.tick()
    assert (await city.now_of(payout)).status is PayoutState.BATCHED
    async with city.database.api.unit_of_work() as uow:
        (objection,) = await open_holds(uow, [payout.id])
        await lift_hold(uow, city.reviewer, payout.id, objection.id)
    await city.tick()
    assert (await city.now_of(payout)).status is PayoutState.SENT


async def test_a_payout_released_behind_the_back_of_the_batch_is_held(city: City) -> None:
    """Somebody with the API's role wrote a releaser onto the payout; no batch was released by him."""
    await city.begin()
    (payout,) = await walk(city, PayoutState.BATCHED, await city.open())
    await city.sql("api", "UPDATE payouts SET released_by = gen_random_uuid() WHERE id = :id", id=payout.id)
    await city.tick()
    now = await city.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.BATCHED, 1)
    async with city.database.api.unit_of_work() as uow:
        (hold,) = await open_holds(uow, [payout.id])
    assert hold.reason_code == "instruction_not_pinned"
