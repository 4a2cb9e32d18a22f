"""Payment batches: built by one, released by another, sent only if everything still holds."""

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.payout.funds.domain import FundNotFound
from services.payout.holds.queries import open_holds
from services.payout.instructions.timers import deliver
from services.payout.payment_batches.domain import NothingToPay, PaymentBatchNotFound
from services.payout.payment_batches.service import (
    Built,
    build_payment_batch,
    release_payment_batch,
    settle_payment_batches,
)
from services.payout.payouts.domain import PayoutFacts, PayoutState, SamePerson
from services.payout.payouts.service import lift_hold, place_hold
from services.payout.reviews.service import approve_payouts
from shared.contracts.evaluation import CertificateExpiredV1, CertificateRevokedV1
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import Held, WrongState
from shared.security import Principal, Role
from tests.payout.attacks import NO_RIGHT, ROLES, refused
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import (
    Case,
    Scenario,
    accepted,
    decide,
    officer,
)
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, publish_payouts, release
from tests.registered import BYSTANDER


async def attempt(scenario: Scenario, caller: Principal, fund_id: UUID | None, *payouts: PayoutFacts) -> Built:
    """A finance officer builds a batch of these payouts."""
    assert fund_id is not None
    async with scenario.database.api.unit_of_work() as uow:
        return await build_payment_batch(uow, caller, fund_id, [payout.id for payout in payouts] or None)


def as_finance(caller: Principal) -> Principal:
    """The same natural person with a finance account."""
    return replace(caller, role=Role.FINANCE, account="finance", areas=frozenset({"410400"}))


async def test_whoever_decided_on_a_payout_neither_batches_nor_releases_it(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.CLEARED, await scenario.open())
    for earlier in (scenario.reviewer, scenario.approver):
        with pytest.raises(SamePerson):
            await attempt(scenario, as_finance(earlier), payout.fund_id, payout)
    batch = await build(scenario, payout)
    for earlier in (scenario.reviewer, scenario.approver, scenario.cashier):
        with pytest.raises(SamePerson):
            async with scenario.database.api.unit_of_work() as uow:
                await release_payment_batch(uow, as_finance(earlier), batch.id)
    await release(scenario, batch.id)
    with pytest.raises(WrongState):
        await release(scenario, batch.id)


async def test_what_may_not_be_paid_is_left_out_and_named(scenario: Scenario) -> None:
    await scenario.begin()
    good, held = await advance(scenario, PayoutState.CLEARED, await scenario.open(), await scenario.open())
    fresh = await scenario.open()
    async with scenario.database.api.unit_of_work() as uow:
        await place_hold(uow, scenario.reviewer, held.id, "objection")
    built = await attempt(scenario, scenario.cashier, good.fund_id, good, held, fresh, good)
    assert (built.batch.count, built.batch.amount_fen) == (1, good.amount_fen)
    assert {payout_id: why.code for payout_id, why in built.refused.items()} == {
        held.id: "held",
        fresh.id: "wrong_state",
    }
    with pytest.raises(Held):
        await attempt(scenario, scenario.cashier, good.fund_id, held)
    with pytest.raises(NothingToPay):
        await attempt(scenario, scenario.cashier, good.fund_id)


async def test_a_batch_that_names_nobody_takes_what_is_payable_past_all_that_is_not(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many an officer had a hand in, or rest on a certificate that is not valid: they starve nobody."""
    monkeypatch.setattr("services.payout.payment_batches.service.PAYOUTS_MOST", 2)
    await scenario.begin()
    suspended = [Case() for _ in range(2)]
    own = await advance(scenario, PayoutState.REVIEWED, *[await scenario.open() for _ in range(3)])
    others = [await scenario.open(case) for case in (*suspended, Case(), Case(), Case())]
    reviewer, scenario.reviewer = scenario.reviewer, officer(Role.OFFICER, "410402")
    await advance(scenario, PayoutState.REVIEWED, *others)
    for decision in (approve_payouts, publish_payouts):
        accepted(await decide(scenario, decision, scenario.approver, *own, *others))
    await scenario.database.set_business_time(AFTER_THE_NOTICE)
    await scenario.run_timers()
    suspend = "UPDATE certificate_statuses SET status = 'suspended', version = version + 1 WHERE certificate_id = :id"
    for case in suspended:
        await scenario.sql("worker", suspend, id=case.certificate_id)
    built = await attempt(scenario, as_finance(reviewer), own[0].fund_id)
    assert built.refused == {}
    items = await scenario.sql("owner", "SELECT payout_id FROM payment_batch_items ORDER BY payout_id")
    assert [row.payout_id for row in items] == [payout.id for payout in others[2:4]]


async def test_a_batch_pays_from_one_fund_in_the_callers_areas(scenario: Scenario) -> None:
    await scenario.begin()
    area_fund = await scenario.fund(area="410403")
    in_city, in_area = await scenario.open(), await scenario.open(replace(Case(), area="410403"))
    scenario.reviewer = officer(Role.OFFICER)
    in_city, in_area = await advance(scenario, PayoutState.CLEARED, in_city, in_area)
    built = await attempt(scenario, scenario.cashier, area_fund.id, in_city, in_area)
    assert (built.batch.count, built.refused[in_city.id].code) == (1, "payout_of_another_fund")
    foreign = officer(Role.FINANCE, "410402")
    with pytest.raises(FundNotFound):
        await attempt(scenario, foreign, area_fund.id)
    with pytest.raises(PaymentBatchNotFound):
        async with scenario.database.api.unit_of_work() as uow:
            await release_payment_batch(uow, foreign, built.batch.id)


async def test_batches_built_at_once_hold_every_payout_once(scenario: Scenario) -> None:
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.CLEARED, *[await scenario.open() for _ in range(6)])

    async def build_all() -> Built | DomainError:
        try:
            return await attempt(scenario, officer(Role.FINANCE), payouts[0].fund_id)
        except DomainError as refusal:
            return refusal

    outcomes = await asyncio.gather(*(build_all() for _ in range(5)))
    batches = [outcome.batch for outcome in outcomes if isinstance(outcome, Built)]
    assert sum(batch.count for batch in batches) == 6
    rows = await scenario.sql("owner", "SELECT payout_id FROM payment_batch_items")
    assert sorted(row.payout_id for row in rows) == sorted(payout.id for payout in payouts)


async def test_a_release_and_a_revocation_at_once_never_send_without_certificate(scenario: Scenario) -> None:
    await scenario.begin()
    cases = [Case() for _ in range(5)]
    payouts = await advance(scenario, PayoutState.BATCHED, *[await scenario.open(case) for case in cases])
    rows = await scenario.sql("owner", "SELECT DISTINCT batch_id FROM payment_batch_items")
    await release(scenario, rows[0].batch_id)
    revoked = [
        scenario.next_event(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 14), reason_code="fraud")
        for case in cases
    ]
    await asyncio.gather(*(scenario.receive(event) for event in revoked), *(scenario.run_timers() for _ in range(4)))
    for payout in payouts:
        now = await scenario.now_of(payout)
        # Either the revocation came first and nothing is sent, or the money was under way and the case is listed.
        assert (now.status, now.open_holds) in ((PayoutState.REJECTED, 0), (PayoutState.SENT, 1))


async def test_a_forged_row_found_at_sending_is_held_and_never_sent(scenario: Scenario) -> None:
    await scenario.begin()
    forged, honest = Case(), Case()
    payouts = await advance(scenario, PayoutState.BATCHED, await scenario.open(forged), await scenario.open(honest))
    await scenario.sql("owner", "ALTER TABLE certificate_copies DISABLE TRIGGER USER")
    await scenario.sql(
        "owner",
        "UPDATE certificate_copies SET jws = :jws WHERE certificate_id = :id",
        jws=scenario.sign(honest), id=forged.certificate_id,
    )  # fmt: skip
    (row,) = await scenario.sql("owner", "SELECT DISTINCT batch_id FROM payment_batch_items")
    await release(scenario, row.batch_id)
    await scenario.run_timers()
    await scenario.run_timers()
    first, second = [await scenario.now_of(payout) for payout in payouts]
    assert (first.status, first.open_holds, second.status) == (PayoutState.BATCHED, 1, PayoutState.SENT)
    (batch,) = await scenario.sql("owner", "SELECT status FROM payment_batches")
    assert batch.status == "released"


async def test_a_certificate_that_expired_is_held_at_sending_until_an_officer_rejects(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.BATCHED, await scenario.open(case))
    (row,) = await scenario.sql("owner", "SELECT DISTINCT batch_id FROM payment_batch_items")
    await release(scenario, row.batch_id)
    expired = scenario.next_event(
        CertificateExpiredV1, case.certificate_id, since=date(2033, 3, 14), reason_code="expired"
    )
    await scenario.receive(expired)
    await scenario.run_timers()
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).open_holds == 1
    assert len(await scenario.events("payout.held")) == 1


async def test_a_payout_held_after_the_release_is_sent_when_the_hold_is_lifted(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.BATCHED, await scenario.open())
    (row,) = await scenario.sql("owner", "SELECT DISTINCT batch_id FROM payment_batch_items")
    async with scenario.database.api.unit_of_work() as uow:
        await place_hold(uow, scenario.reviewer, payout.id, "objection")
    await release(scenario, row.batch_id)
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.BATCHED
    async with scenario.database.api.unit_of_work() as uow:
        (objection,) = await open_holds(uow, [payout.id])
        await lift_hold(uow, scenario.reviewer, payout.id, objection.id)
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.SENT


async def test_a_payout_released_behind_the_back_of_the_batch_is_held(scenario: Scenario) -> None:
    """Somebody wrote a releaser onto the payout, past the database's own rule; no batch was released by them."""
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.BATCHED, await scenario.open())
    name = f"UPDATE payouts SET released_by = '{BYSTANDER}' WHERE id = :id"  # our own constant
    for role in ROLES:
        assert await refused(scenario, role, name, id=payout.id) in ("rl_payouts", NO_RIGHT)
    await scenario.force("payouts", name, id=payout.id)
    await scenario.run_timers()
    now = await scenario.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.BATCHED, 1)
    async with scenario.database.api.unit_of_work() as uow:
        (hold,) = await open_holds(uow, [payout.id])
    assert hold.reason_code == "instruction_not_pinned"


async def call(scenario: Scenario, bank: SandboxBank) -> None:
    """The external job goes to the bank now."""
    await scenario.sql("owner", "UPDATE deliveries SET next_call_at = clock_timestamp() WHERE outcome IS NULL")
    await deliver(scenario.database.worker, bank.client)


async def test_batches_that_wait_do_not_keep_the_others_from_being_settled(
    scenario: Scenario, bank: SandboxBank
) -> None:
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.CLEARED, *[await scenario.open() for _ in range(3)])
    for payout in payouts:
        await release(scenario, (await build(scenario, payout)).id)
    for payout in payouts[:2]:
        async with scenario.database.api.unit_of_work() as uow:
            await place_hold(uow, scenario.second, payout.id, "objection")
    await scenario.run_timers()
    await call(scenario, bank)
    async with scenario.database.worker.unit_of_work() as uow:
        assert await settle_payment_batches(uow, 1) == 1
    batches = await scenario.sql("owner", "SELECT status FROM payment_batches ORDER BY id")
    assert [batch.status for batch in batches] == ["released", "released", "settled"]
