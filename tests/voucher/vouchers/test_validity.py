"""Validity is what D3 says, and what is not used returns to the quota (R6)."""

import asyncio
from datetime import timedelta
from uuid import UUID

from services.voucher.batches.domain import BatchFacts
from services.voucher.batches.queries import get_batch
from services.voucher.vouchers.models import Voucher
from services.voucher.vouchers.service import approve_cancellation, lift_hold, place_hold, propose_cancellation
from shared.kernel.clock import business_date, end_of_day
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from tests.api_client import ApiClient, code_of
from tests.voucher.requests import officer, worker
from tests.voucher.scenario import AREA, Scenario


async def batch_of(scenario: Scenario, batch_id: UUID) -> BatchFacts:
    async with scenario.database.api.unit_of_work() as uow:
        return (await get_batch(uow, batch_id)).facts()


async def test_a_class_starts_within_the_validity_whenever_the_voucher_is_presented(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    last_day = business_date(voucher.valid_until) - timedelta(days=1)
    await scenario.pass_days(89)
    for starts_on, code in ((last_day + timedelta(days=1), "class_starts_too_late"), (last_day, None)):
        said = {"starts_on": starts_on, "ends_on": starts_on + timedelta(days=20)}
        await scenario.receive(await scenario.requested(voucher, **said))
        assert (await scenario.last_emitted(voucher.id)).get("code") == code
    assert (await scenario.voucher(voucher.id)).status == "in_use"


async def test_a_hold_over_the_end_leaves_the_voucher_valid(scenario: Scenario) -> None:
    """Held from day 80 to day 120 of 90: it does not expire, has the ten days that it had left, and warns again."""
    voucher = await scenario.claimed()
    await scenario.pass_days(80)
    await scenario.run_timers()
    assert (await scenario.voucher(voucher.id)).warned_days == 14
    async with scenario.database.api.unit_of_work() as uow:
        first = (await place_hold(uow, voucher.id, "audit", uuid7())).id
    await scenario.pass_days(10)
    async with scenario.database.api.unit_of_work() as uow:
        second = (await place_hold(uow, voucher.id, "audit", uuid7())).id
        await lift_hold(uow, voucher.id, first, uuid7())
    assert (await scenario.voucher(voucher.id)).valid_until == voucher.valid_until, "it is held still"
    await scenario.pass_days(30)
    assert (await scenario.run_timers())["voucher.expire"] == 0
    async with scenario.database.api.unit_of_work() as uow:
        await lift_hold(uow, voucher.id, second, uuid7())
    lifted = await scenario.voucher(voucher.id)
    assert timedelta(days=40) <= lifted.valid_until - voucher.valid_until <= timedelta(days=41), "whole days"
    assert lifted.warned_days is None
    assert lifted.valid_until == end_of_day(lifted.facts().last_day)
    assert (await scenario.last_emitted(voucher.id))["valid_until"] is not None
    await scenario.receive(await scenario.requested(lifted))
    assert (await scenario.voucher(voucher.id)).status == "in_use"


async def test_the_holder_gives_a_voucher_back_and_claims_another(scenario: Scenario, client: ApiClient) -> None:
    batch_id = await scenario.batch(quantity=1)
    voucher = await scenario.claimed(batch_id=batch_id)
    (refused,) = await scenario.claim(batch_id, await scenario.person())
    assert isinstance(refused, DomainError)
    path = f"/v1/vouchers/{voucher.id}/give-back"
    assert code_of(await client.post(worker(await scenario.person()), path)) == "voucher_not_found"
    assert (await client.post(worker(voucher.person_id), path)).json()["status"] == "given_back"
    assert code_of(await client.post(worker(voucher.person_id), path)) == "wrong_state"
    assert (await batch_of(scenario, batch_id)).left == 1
    (another,) = await scenario.claim(batch_id, voucher.person_id)
    assert isinstance(another, Voucher)


async def test_a_held_voucher_is_not_given_back(scenario: Scenario, client: ApiClient) -> None:
    voucher = await scenario.claimed()
    async with scenario.database.api.unit_of_work() as uow:
        await place_hold(uow, voucher.id, "audit", uuid7())
    answer = await client.post(worker(voucher.person_id), f"/v1/vouchers/{voucher.id}/give-back")
    assert code_of(answer) == "held"


async def test_what_expired_or_was_cancelled_returns_to_the_quota_once(scenario: Scenario) -> None:
    batch_id = await scenario.batch(quantity=2)
    expired, cancelled = [await scenario.claimed(batch_id=batch_id) for _ in range(2)]
    enrolment = await scenario.requested(expired)
    async with scenario.database.api.unit_of_work() as uow:
        await propose_cancellation(uow, cancelled.id, "claimed_in_error", uuid7())
        await approve_cancellation(uow, cancelled.id, uuid7())
    assert (await batch_of(scenario, batch_id)).left == 1
    await scenario.pass_days(91)
    await scenario.run_timers()
    assert (await batch_of(scenario, batch_id)).left == 2
    await scenario.receive(enrolment)
    assert (await scenario.voucher(expired.id)).status == "in_use", "it was presented in time"
    async with scenario.database.api.unit_of_work() as uow:
        await propose_cancellation(uow, expired.id, "claimed_in_error", uuid7())
        await approve_cancellation(uow, expired.id, uuid7())
    assert (await batch_of(scenario, batch_id)).left == 2


async def test_a_place_that_came_back_is_claimed_once(scenario: Scenario, client: ApiClient) -> None:
    batch_id = await scenario.batch(quantity=1)
    voucher = await scenario.claimed(batch_id=batch_id)
    people = [await scenario.person() for _ in range(3)]
    giving = asyncio.create_task(client.post(worker(voucher.person_id), f"/v1/vouchers/{voucher.id}/give-back"))
    raced = await asyncio.gather(*(scenario.claim(batch_id, person) for person in people))
    await giving
    late = [await scenario.claim(batch_id, person) for person in people]
    live = [claim for (claim,) in (*raced, *late) if isinstance(claim, Voucher)]
    assert len(live) == 1


async def test_the_holder_is_warned_twice(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    warnings = []
    for _ in range(90):
        if (await scenario.run_timers())["voucher.warn"]:
            warnings.append((await scenario.last_emitted(voucher.id))["days_left"])
        await scenario.pass_days(1)
    assert warnings == [14, 3]


async def test_another_officer_refuses_a_cancellation(scenario: Scenario, client: ApiClient) -> None:
    voucher = await scenario.claimed()
    path = f"/v1/vouchers/{voucher.id}"
    maker, other = officer(AREA), officer()
    for act in ("cancellation-refusals", "cancellation-withdrawals"):
        assert code_of(await client.post(other, f"{path}/{act}")) == "cancellation_not_proposed"
    await client.post(maker, f"{path}/cancellations", {"reason_code": "claimed_in_error"})
    assert code_of(await client.post(maker, f"{path}/cancellation-refusals")) == "cancel_self_approval"
    assert code_of(await client.post(other, f"{path}/cancellation-withdrawals")) == "cancellation_not_yours"
    refused = (await client.post(other, f"{path}/cancellation-refusals")).json()
    assert (refused["status"], refused["cancel_reason_code"]) == ("claimed", None)
    await client.post(maker, f"{path}/cancellations", {"reason_code": "claimed_in_error"})
    assert (await client.post(maker, f"{path}/cancellation-withdrawals")).json()["cancel_reason_code"] is None
    assert (await scenario.emitted(voucher.id))[1:] == [
        "voucher.cancellation_proposed",
        "voucher.cancellation_refused",
        "voucher.cancellation_proposed",
        "voucher.cancellation_withdrawn",
    ]


async def test_a_proposal_that_nobody_decides_on_lapses_after_ten_working_days(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    async with scenario.database.api.unit_of_work() as uow:
        proposed = await propose_cancellation(uow, voucher.id, "claimed_in_error", uuid7())
        lapses_at = proposed.cancellation_lapses_at
    assert lapses_at is not None
    await scenario.database.set_business_time(lapses_at - timedelta(minutes=1))
    assert (await scenario.run_timers())["voucher.lapse_cancellation"] == 0
    await scenario.database.set_business_time(lapses_at)
    assert (await scenario.run_timers())["voucher.lapse_cancellation"] == 1
    assert (await scenario.voucher(voucher.id)).cancel_proposed_by is None
    assert (await scenario.last_emitted(voucher.id))["reason_code"] == "claimed_in_error"
