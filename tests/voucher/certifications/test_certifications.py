"""What evaluation says: certified, refused, too late, forged."""

from datetime import timedelta
from uuid import uuid4

from services.voucher.vouchers.service import place_hold
from shared.contracts.evaluation import CertificateImportedV1, CertificateIssuedV1, CertificateVerifiedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1
from shared.kernel.clock import business_date
from shared.kernel.ids import uuid7
from shared.security import new_key_pair, parse_signing_key, sign_certificate, verify_certificate
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import Scenario
from tests.worker_process import handlers_of


async def test_certificates_that_do_not_fit_are_refused_by_name(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
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
        facts = scenario.signed(voucher, enrolment, **said)
        await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
        emitted = await scenario.last_emitted(voucher.id)
        assert (emitted["code"], emitted["certificate_id"]) == (code, str(facts.certificate_id))
    assert (await scenario.voucher(voucher.id)).status == "in_use"


async def test_a_forged_certificate_certifies_nothing(scenario: Scenario) -> None:
    """Voucher trusts the signature, not the topic: another key, or an event that says more than was signed."""
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    another, _ = new_key_pair(scenario.certificate_key.kid)
    forged = sign_certificate(facts, parse_signing_key(another))
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, forged))
    assert (await scenario.last_emitted(voucher.id))["code"] == "certificate_signature_invalid"
    for part, said in (("level", 3), ("person_id", uuid4()), ("voucher_id", None), ("issued_on", facts.assessed_on)):
        signed_otherwise = scenario.jws(facts.model_copy(update={part: said}))
        await scenario.receive(certificate_event(CertificateIssuedV1, facts, signed_otherwise))
        assert (await scenario.last_emitted(voucher.id))["code"] == "certificate_contradicts"
    assert (await scenario.voucher(voucher.id)).status == "in_use"


async def test_an_imported_certificate_counts_when_the_register_confirms_it(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    imported, verified = (
        certificate_event(cls, facts, scenario.jws(facts)) for cls in (CertificateImportedV1, CertificateVerifiedV1)
    )
    assert type(imported) not in handlers_of("voucher")
    await scenario.receive(verified)
    assert (await scenario.voucher(voucher.id)).status == "certified"


async def test_one_certificate_serves_one_voucher(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    payout = uuid7()
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, payout, 1), payout_event(PayoutPaidV1, voucher, payout, 2)
    )
    other, other_enrolment = await scenario.bound()
    same_id = scenario.signed(other, other_enrolment, certificate_id=facts.certificate_id)
    await scenario.receive(certificate_event(CertificateVerifiedV1, same_id, scenario.jws(same_id)))
    assert (await scenario.last_emitted(other.id))["code"] == "certificate_used"


async def test_a_voided_voucher_is_certified_by_a_late_event_of_a_certificate_issued_in_time(
    scenario: Scenario,
) -> None:
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    await scenario.pass_days(31 + 180)
    assert (await scenario.run_timers())["voucher.void_uncertified"] == 0
    await scenario.pass_days(1)
    assert (await scenario.run_timers())["voucher.void_uncertified"] == 1
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    assert (await scenario.emitted(voucher.id))[-2:] == ["voucher.voided", "voucher.certified"]


async def test_the_verdict_at_certification_is_fresh(scenario: Scenario) -> None:
    """The extract of the claim has grown old meanwhile: certified all the same, and payout is emitted."""
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    await scenario.pass_days(370)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    emitted = await scenario.last_emitted(voucher.id)
    assert (emitted["eligibility"], emitted["eligibility_decided_on"]) == (
        "unknown",
        str(business_date(await scenario.now())),
    )
    assert verify_certificate(emitted["jws"], scenario.database.api.keys.certificates) == facts


async def test_certified_under_a_hold(scenario: Scenario) -> None:
    voucher, enrolment = await scenario.bound()
    async with scenario.database.api.unit_of_work() as uow:
        await place_hold(uow, voucher.id, "audit", uuid4())
    facts = scenario.signed(voucher, enrolment)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    assert (await scenario.voucher(voucher.id)).status == "certified"


async def test_the_holders_name_travels_masked_and_no_further(scenario: Scenario) -> None:
    """D19: payout publishes a surname and stars; the name itself leaves this service in no event."""
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    shown = (await scenario.last_emitted(voucher.id))["masked_name"]
    assert (shown[0] != "*", set(shown[1:])) == (True, {"*"})
