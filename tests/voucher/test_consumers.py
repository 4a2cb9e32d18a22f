"""What is heard from the other services: in any order that can happen, late, twice, forged."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.voucher.certifications.service import void_uncertified
from services.voucher.holds.service import place_hold
from services.voucher.vouchers.consumers import on_enrolment_requested
from services.voucher.vouchers.service import expire_vouchers
from shared.contracts.evaluation import CertificateImportedV1, CertificateIssuedV1, CertificateVerifiedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1, PayoutRejectedV1, PayoutWithdrawnV1
from shared.kernel.clock import business_date
from shared.kernel.credit_code import make_credit_code
from shared.kernel.errors import VoucherNotFound
from shared.kernel.ids import uuid7
from shared.security import sign_certificate, verify_certificate
from tests.voucher.keys import Keys
from tests.voucher.payouts import payout_event
from tests.voucher.town import HANDLERS, Town, certificate_event


async def test_a_bind_carries_the_whole_enrolment_on(town: Town) -> None:
    voucher, enrolment = await town.bound()
    told = await town.last_told(voucher.id)
    assert told["enrolment_id"] == str(enrolment.id)
    for name in ("class_id", "class_area", "channel", "institution", "payee_kind", "payee_id", "act", "ends_on"):
        assert told[name] == enrolment.model_dump(mode="json")[name]
    assert (voucher.status, voucher.version) == ("in_use", 2)


async def test_two_enrolments_of_one_voucher_in_one_batch(town: Town) -> None:
    """The second sees what the first did, and its institution hears the refusal."""
    voucher = await town.claimed()
    first, second = await town.requested(voucher), await town.requested(voucher)
    async with town.database.worker.unit_of_work() as uow:
        await on_enrolment_requested(uow, [first, second])
    assert await town.told(voucher.id) == ["voucher.claimed", "voucher.bound", "voucher.bind_refused"]
    told = await town.last_told(voucher.id)
    assert (told["enrolment_id"], told["code"], told["version"]) == (str(second.id), "wrong_state", 3)


async def test_refusals_are_told_with_their_codes(town: Town) -> None:
    voucher = await town.claimed()
    for said, code in (
        ({"person_id": uuid4()}, "not_the_holder"),
        ({"level": 3}, "skill_differs"),
        ({"starts_on": business_date(await town.now())}, "claimed_after_start"),
        ({"presented_at": voucher.valid_until}, "presented_too_late"),
    ):
        await town.tell(await town.requested(voucher, **said))
        assert (await town.last_told(voucher.id))["code"] == code
    async with town.database.api.unit_of_work() as uow:
        await place_hold(uow, voucher.id, "audit", uuid4())
    await town.tell(await town.requested(voucher))
    assert (await town.last_told(voucher.id))["code"] == "held"
    assert (await town.voucher(voucher.id)).status == "claimed"


async def test_an_organisation_is_paid_only_under_the_holders_own_mandate(town: Town) -> None:
    """D5 委托代领: nobody invents a mandate, borrows another holder's, or is paid by one that names somebody else."""
    voucher, other = await town.claimed(), await town.claimed()
    stranger = make_credit_code("410400", 1_702)
    for said in (
        {"mandate_id": None},
        {"mandate_id": uuid4()},
        {"mandate_id": await town.mandate(other)},
        {"mandate_id": await town.mandate(voucher, stranger)},
        {"mandate_id": await town.mandate(voucher), "institution": stranger},
        {"mandate_id": await town.mandate(voucher), "payee_id": stranger},
        {"payee_kind": "worker", "payee_id": str(other.person_id)},
        {"payee_kind": "worker", "payee_id": str(voucher.person_id), "mandate_id": await town.mandate(voucher)},
    ):
        await town.tell(await town.requested(voucher, **said))
        assert (await town.last_told(voucher.id))["code"] == "payee_not_mandated", said
    plant = {"payee_kind": "enterprise", "payee_id": stranger, "mandate_id": await town.mandate(voucher, stranger)}
    await town.tell(await town.requested(voucher, **plant))
    await town.tell(await town.requested(other, payee_kind="worker", payee_id=str(other.person_id)))
    assert [(await town.voucher(one.id)).payee_kind for one in (voucher, other)] == ["enterprise", "worker"]


async def test_an_unknown_voucher_is_nothing_to_answer_on(town: Town) -> None:
    voucher = await town.claimed()
    with pytest.raises(VoucherNotFound):
        await town.tell(await town.requested(voucher, voucher_id=uuid4()))


async def test_a_voucher_that_expired_on_the_way_is_bound(town: Town) -> None:
    voucher = await town.claimed()
    await town.pass_days(85)
    in_time = await town.requested(voucher)
    await town.pass_days(6)
    async with town.database.worker.unit_of_work() as uow:
        assert await expire_vouchers(uow, 10) == 1
    too_late = await town.requested(voucher)
    await town.tell(too_late)
    assert (await town.last_told(voucher.id))["code"] == "presented_too_late"
    await town.tell(in_time)
    assert (await town.voucher(voucher.id)).status == "in_use"


async def test_an_expired_voucher_does_not_come_back_beside_another(town: Town) -> None:
    voucher = await town.claimed()
    await town.pass_days(85)
    in_time = await town.requested(voucher)
    await town.pass_days(6)
    async with town.database.worker.unit_of_work() as uow:
        await expire_vouchers(uow, 10)
    await town.claim(await town.batch(), voucher.person_id)
    await town.tell(in_time)
    assert (await town.last_told(voucher.id))["code"] == "voucher_already_live"


async def test_a_withdrawal_gives_the_voucher_back_once(town: Town) -> None:
    voucher, enrolment = await town.bound()
    stranger = await town.requested(voucher)
    await town.tell(await town.withdrawn(stranger))
    assert (await town.voucher(voucher.id)).status == "in_use"
    await town.tell(await town.withdrawn(enrolment), await town.withdrawn(enrolment))
    told = await town.last_told(voucher.id)
    assert (told["enrolment_id"], told["class_id"]) == (str(enrolment.id), str(enrolment.class_id))
    free = await town.voucher(voucher.id)
    assert (free.status, free.enrolment_id, free.institution, free.version) == ("claimed", None, None, 3)
    again = await town.requested(free)
    await town.tell(again)
    assert (await town.voucher(voucher.id)).enrolment_id == again.id


async def test_a_used_voucher_never_expires(town: Town) -> None:
    voucher, _ = await town.bound()
    await town.pass_days(120)
    async with town.database.worker.unit_of_work() as uow:
        assert await expire_vouchers(uow, 10) == 0
    assert (await town.voucher(voucher.id)).status == "in_use"


async def test_certificates_that_do_not_fit_are_refused_by_name(town: Town) -> None:
    voucher, enrolment = await town.bound()
    ended_on = voucher.ends_on
    assert ended_on is not None
    for said, code in (
        ({"person_id": uuid4()}, "not_the_holder"),
        ({"level": 3}, "skill_differs"),
        ({"enrolment_id": uuid4()}, "certificate_contradicts"),
        ({"completed_on": None}, "completion_missing"),
        ({"assessed_on": ended_on - timedelta(days=1)}, "assessed_before_completion"),
        ({"issued_on": ended_on + timedelta(days=181)}, "certified_too_late"),
    ):
        facts = town.signed(voucher, enrolment, **said)
        await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
        told = await town.last_told(voucher.id)
        assert (told["code"], told["certificate_id"]) == (code, str(facts.certificate_id))
    assert (await town.voucher(voucher.id)).status == "in_use"


async def test_a_forged_certificate_certifies_nothing(town: Town) -> None:
    """Voucher trusts the signature, not the topic: another key, or an event that says more than was signed."""
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    forged = sign_certificate(facts, Keys.make().certificate_key)
    await town.tell(certificate_event(CertificateIssuedV1, facts, forged))
    assert (await town.last_told(voucher.id))["code"] == "certificate_signature_invalid"
    for part, said in (("level", 3), ("person_id", uuid4()), ("voucher_id", None), ("issued_on", facts.assessed_on)):
        signed_otherwise = town.jws(facts.model_copy(update={part: said}))
        await town.tell(certificate_event(CertificateIssuedV1, facts, signed_otherwise))
        assert (await town.last_told(voucher.id))["code"] == "certificate_contradicts"
    assert (await town.voucher(voucher.id)).status == "in_use"


async def test_an_imported_certificate_counts_when_the_register_confirms_it(town: Town) -> None:
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    imported, verified = (
        certificate_event(cls, facts, town.jws(facts)) for cls in (CertificateImportedV1, CertificateVerifiedV1)
    )
    assert type(imported) not in HANDLERS
    await town.tell(verified)
    assert (await town.voucher(voucher.id)).status == "certified"


async def test_one_certificate_serves_one_voucher(town: Town) -> None:
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
    payout = uuid7()
    await town.tell(payout_event(PayoutOpenedV1, voucher, payout, 1), payout_event(PayoutPaidV1, voucher, payout, 2))
    other, other_enrolment = await town.bound()
    same_id = town.signed(other, other_enrolment, certificate_id=facts.certificate_id)
    await town.tell(certificate_event(CertificateVerifiedV1, same_id, town.jws(same_id)))
    assert (await town.last_told(other.id))["code"] == "certificate_used"


async def test_a_voided_voucher_is_certified_by_a_late_event_of_a_certificate_issued_in_time(town: Town) -> None:
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    await town.pass_days(31 + 180)
    async with town.database.worker.unit_of_work() as uow:
        assert await void_uncertified(uow, 10) == 0
    await town.pass_days(1)
    async with town.database.worker.unit_of_work() as uow:
        assert await void_uncertified(uow, 10) == 1
    await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
    assert (await town.told(voucher.id))[-2:] == ["voucher.voided", "voucher.certified"]


async def test_the_verdict_at_certification_is_fresh(town: Town) -> None:
    """The extract of the claim has grown old meanwhile: certified all the same, and payout is told."""
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    await town.pass_days(370)
    await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
    told = await town.last_told(voucher.id)
    assert (told["eligibility"], told["eligibility_decided_on"]) == ("unknown", str(business_date(await town.now())))
    assert verify_certificate(told["jws"], town.database.api.keys.certificates) == facts


async def test_certified_under_a_hold(town: Town) -> None:
    voucher, enrolment = await town.bound()
    async with town.database.api.unit_of_work() as uow:
        await place_hold(uow, voucher.id, "audit", uuid4())
    facts = town.signed(voucher, enrolment)
    await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
    assert (await town.voucher(voucher.id)).status == "certified"


@pytest.mark.parametrize("returned", [PayoutRejectedV1, PayoutWithdrawnV1])
async def test_a_payout_that_comes_to_nothing_leaves_the_voucher_certified(town: Town, returned: type) -> None:
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
    first, second = uuid7(), uuid7()
    await town.tell(
        payout_event(PayoutOpenedV1, voucher, first, 1),
        payout_event(PayoutOpenedV1, voucher, second, 1),
        payout_event(PayoutPaidV1, voucher, second, 2),
    )
    assert (await town.voucher(voucher.id)).payout_id == first
    await town.tell(payout_event(returned, voucher, first, 2))
    assert (await town.told(voucher.id))[-4:] == [
        "voucher.settling",
        "voucher.returned",
        "voucher.settling",
        "voucher.redeemed",
    ]
    assert (await town.voucher(voucher.id)).payout_id == second


async def test_a_payout_born_rejected_is_told(town: Town) -> None:
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
    await town.tell(payout_event(PayoutRejectedV1, voucher, uuid7(), 1, code="rate_missing"))
    told = await town.last_told(voucher.id)
    assert (told["code"], (await town.voucher(voucher.id)).status) == ("rate_missing", "certified")
