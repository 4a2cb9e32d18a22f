"""What training says: bound, refused, given back; late, twice, in any order."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.voucher.bindings.consumers import on_enrolment_requested
from services.voucher.vouchers.service import place_hold
from shared.kernel.clock import business_date
from shared.kernel.credit_code import make_credit_code
from shared.kernel.errors import VoucherNotFound
from tests.voucher.scenario import Scenario


async def test_a_bind_carries_the_whole_enrolment_on(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    emitted = await scenario.last_emitted(voucher.id)
    assert emitted["enrolment_id"] == str(enrolment.id)
    for name in ("class_id", "class_area", "channel", "institution", "payee_kind", "payee_id", "act", "ends_on"):
        assert emitted[name] == enrolment.model_dump(mode="json")[name]
    assert (voucher.status, voucher.version) == ("in_use", 2)


async def test_two_enrolments_of_one_voucher_in_one_batch(scenario: Scenario) -> None:
    """The second sees what the first did, and is refused."""
    voucher = await scenario.claimed()
    first, second = await scenario.requested(voucher), await scenario.requested(voucher)
    async with scenario.database.worker.unit_of_work() as uow:
        await on_enrolment_requested(uow, [first, second])
    assert await scenario.emitted(voucher.id) == ["voucher.claimed", "voucher.bound", "voucher.bind_refused"]
    emitted = await scenario.last_emitted(voucher.id)
    assert (emitted["enrolment_id"], emitted["code"], emitted["version"]) == (str(second.id), "wrong_state", 3)


async def test_refusals_say_their_codes(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    for said, code in (
        ({"person_id": uuid4()}, "not_the_holder"),
        ({"level": 3}, "skill_differs"),
        ({"starts_on": business_date(await scenario.now())}, "claimed_after_start"),
        ({"presented_at": voucher.valid_until}, "presented_too_late"),
    ):
        await scenario.receive(await scenario.requested(voucher, **said))
        assert (await scenario.last_emitted(voucher.id))["code"] == code
    async with scenario.database.api.unit_of_work() as uow:
        await place_hold(uow, voucher.id, "audit", uuid4())
    await scenario.receive(await scenario.requested(voucher))
    assert (await scenario.last_emitted(voucher.id))["code"] == "held"
    assert (await scenario.voucher(voucher.id)).status == "claimed"


async def test_an_organisation_is_paid_only_under_the_holders_own_mandate(scenario: Scenario) -> None:
    """D5 委托代领: nobody invents a mandate, borrows another holder's, or is paid by one that names somebody else."""
    voucher, other = await scenario.claimed(), await scenario.claimed()
    stranger = make_credit_code("410400", 1_702)
    for said in (
        {"mandate_id": None},
        {"mandate_id": uuid4()},
        {"mandate_id": await scenario.mandate(other)},
        {"mandate_id": await scenario.mandate(voucher, stranger)},
        {"mandate_id": await scenario.mandate(voucher), "institution": stranger},
        {"mandate_id": await scenario.mandate(voucher), "payee_id": stranger},
        {"payee_kind": "worker", "payee_id": str(other.person_id)},
        {"payee_kind": "worker", "payee_id": str(voucher.person_id), "mandate_id": await scenario.mandate(voucher)},
    ):
        await scenario.receive(await scenario.requested(voucher, **said))
        assert (await scenario.last_emitted(voucher.id))["code"] == "payee_not_mandated", said
    plant = {"payee_kind": "enterprise", "payee_id": stranger, "mandate_id": await scenario.mandate(voucher, stranger)}
    await scenario.receive(await scenario.requested(voucher, **plant))
    await scenario.receive(await scenario.requested(other, payee_kind="worker", payee_id=str(other.person_id)))
    assert [(await scenario.voucher(bound.id)).payee_kind for bound in (voucher, other)] == ["enterprise", "worker"]


async def test_an_unknown_voucher_is_nothing_to_answer_on(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    with pytest.raises(VoucherNotFound):
        await scenario.receive(await scenario.requested(voucher, voucher_id=uuid4()))


async def test_a_voucher_that_expired_on_the_way_is_bound(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    await scenario.pass_days(85)
    starts_on = business_date(await scenario.now()) + timedelta(days=3)
    in_time = await scenario.requested(voucher, starts_on=starts_on)
    await scenario.pass_days(6)
    assert (await scenario.run_timers())["voucher.expire"] == 1
    too_late = await scenario.requested(voucher)
    await scenario.receive(too_late)
    assert (await scenario.last_emitted(voucher.id))["code"] == "presented_too_late"
    await scenario.receive(in_time)
    assert (await scenario.voucher(voucher.id)).status == "in_use"


async def test_an_expired_voucher_does_not_come_back_beside_another(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    await scenario.pass_days(85)
    starts_on = business_date(await scenario.now()) + timedelta(days=3)
    in_time = await scenario.requested(voucher, starts_on=starts_on)
    await scenario.pass_days(6)
    await scenario.run_timers()
    await scenario.claim(await scenario.batch(), voucher.person_id)
    await scenario.receive(in_time)
    assert (await scenario.last_emitted(voucher.id))["code"] == "voucher_already_live"


async def test_a_withdrawal_gives_the_voucher_back_once(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    stranger = await scenario.requested(voucher)
    await scenario.receive(await scenario.withdrawn(stranger))
    assert (await scenario.voucher(voucher.id)).status == "in_use"
    await scenario.receive(await scenario.withdrawn(enrolment), await scenario.withdrawn(enrolment))
    emitted = await scenario.last_emitted(voucher.id)
    assert (emitted["enrolment_id"], emitted["class_id"]) == (str(enrolment.id), str(enrolment.class_id))
    free = await scenario.voucher(voucher.id)
    assert (free.status, free.enrolment_id, free.institution, free.version) == ("claimed", None, None, 3)
    again = await scenario.requested(free)
    await scenario.receive(again)
    assert (await scenario.voucher(voucher.id)).enrolment_id == again.id
