"""R7: each review of a permit is a benefit of its own, claimed around the day on which it is due."""

from datetime import date, timedelta
from uuid import UUID

from services.voucher.vouchers.models import Voucher
from shared.contracts.evaluation import CertificateIssuedV1, CertificateRevokedV1, CertificateVerifiedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1
from shared.kernel.clock import business_date
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.security import CertificateFacts
from tests.databases import TESTER
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import BODY, Scenario

PERMIT = ("SO-01-02", 0)


async def permit_of(scenario: Scenario, person: UUID, due: date) -> CertificateFacts:
    """A permit that the person got without a voucher, to be reviewed by `due`."""
    issued_on = due - timedelta(days=3 * 365)
    facts = CertificateFacts(
        certificate_id=uuid7(), kind="special_operation", number="TZC23000000017", person_id=person,
        subject_digest="0" * 64, skill_code=PERMIT[0], level=PERMIT[1], act="first", body=BODY, channel="social",
        assessed_on=issued_on, issued_on=issued_on, review_due_on=due,
    )  # fmt: skip
    await scenario.receive(certificate_event(CertificateVerifiedV1, facts, scenario.jws(facts)))
    return facts


async def claimed(scenario: Scenario, person: UUID, batch: UUID) -> Voucher | DomainError:
    """What comes of a claim for the permit."""
    (answer,) = await scenario.claim(batch, person, skill=PERMIT)
    return answer


async def paid(scenario: Scenario, voucher: Voucher) -> None:
    """The voucher goes through training and assessment to its payment."""
    enrolment = await scenario.requested(voucher)
    await scenario.receive(enrolment)
    bound = await scenario.voucher(voucher.id)
    due = date.fromisoformat((voucher.occasion or "").removeprefix("review:"))
    facts = scenario.signed(
        bound, enrolment, kind="special_operation", number="TZC26000000017",
        review_due_on=due.replace(year=due.year + 3),
    )  # fmt: skip
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    payout = uuid7()
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, payout, 1), payout_event(PayoutPaidV1, voucher, payout, 2)
    )
    assert (await scenario.voucher(voucher.id)).status == "redeemed"


async def test_a_permit_is_reviewed_once_for_each_day_on_which_it_is_due(scenario: Scenario) -> None:
    person, batch = await scenario.person(), await scenario.batch(skills=[PERMIT])
    due = business_date(await scenario.now()) + timedelta(days=30)
    await permit_of(scenario, person, due)
    voucher = await claimed(scenario, person, batch)
    assert isinstance(voucher, Voucher)
    assert (voucher.occasion, (await scenario.last_emitted(voucher.id))["occasion"]) == (f"review:{due}",) * 2
    await scenario.receive(await scenario.requested(voucher, act="first"))
    assert (await scenario.last_emitted(voucher.id))["code"] == "act_differs"
    await paid(scenario, voucher)
    again = await claimed(scenario, person, batch)
    assert isinstance(again, DomainError)
    assert "review_not_due" in str(again)


async def test_the_same_review_is_no_benefit_twice(scenario: Scenario) -> None:
    person, batch = await scenario.person(), await scenario.batch(skills=[PERMIT])
    due = business_date(await scenario.now()) + timedelta(days=30)
    await permit_of(scenario, person, due)
    voucher = await claimed(scenario, person, batch)
    assert isinstance(voucher, Voucher)
    await paid(scenario, voucher)
    certificate = (await scenario.voucher(voucher.id)).certificate_id
    assert certificate is not None
    revoked = CertificateRevokedV1(
        id=certificate, version=2, business_at=await scenario.now(), actor=TESTER, since=due, reason_code="fraud"
    )
    await scenario.receive(revoked)
    again = await claimed(scenario, person, batch)
    assert isinstance(again, DomainError)
    assert "benefit_taken" in str(again)


async def test_a_review_of_another_day_does_not_certify(scenario: Scenario) -> None:
    person, batch = await scenario.person(), await scenario.batch(skills=[PERMIT])
    due = business_date(await scenario.now()) + timedelta(days=30)
    await permit_of(scenario, person, due)
    voucher = await claimed(scenario, person, batch)
    assert isinstance(voucher, Voucher)
    enrolment = await scenario.requested(voucher)
    await scenario.receive(enrolment)
    bound = await scenario.voucher(voucher.id)
    for said in ({"act": "first", "occasion": "first"}, {"occasion": f"review:{due + timedelta(days=1)}"}):
        facts = scenario.signed(bound, enrolment, kind="special_operation", number="TZC26000000017", **said)
        await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
        assert (await scenario.last_emitted(voucher.id))["code"] == "certificate_contradicts"


async def test_a_permit_of_another_record_of_the_person_counts(scenario: Scenario) -> None:
    person, record = await scenario.person(), await scenario.person()
    stranger, batch = await scenario.person(), await scenario.batch(skills=[PERMIT])
    due = business_date(await scenario.now()) + timedelta(days=30)
    await permit_of(scenario, record, due)
    await scenario.merge(record, person)
    claims = [await claimed(scenario, claimant, batch) for claimant in (person, stranger)]
    assert [claim.occasion for claim in claims if isinstance(claim, Voucher)] == [f"review:{due}", "first"]
