"""From events to an opened payout: verified copies, openings and refusals, disorder and repetition."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.payout.certificate_facts.domain import CertificateMissing
from services.payout.claims.service import claim_payout
from services.payout.holds.queries import open_holds
from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.contracts.envelope import Event
from shared.contracts.evaluation import CertificateImportedV1, CertificateRevokedV1
from shared.contracts.training import InstitutionListedV1, InstitutionRemovedV1, InstitutionSuspendedV1
from shared.contracts.voucher import VoucherBoundV1, VoucherClaimedV1, VoucherHeldV1, VoucherHoldLiftedV1
from shared.kernel.clock import business_date
from shared.kernel.errors import VoucherNotFound
from shared.kernel.ids import uuid7
from shared.security import new_key_pair, parse_signing_key
from tests.payout.attacks import refused
from tests.payout.scenario import MONDAY, OTHER_SCHOOL, SCHOOL, Case, Scenario, school


async def holds_of(scenario: Scenario, payout: PayoutFacts) -> set[str]:
    """The reasons for which a payout is held."""
    async with scenario.database.worker.unit_of_work() as uow:
        return {hold.reason_code for hold in await open_holds(uow, [payout.id])}


async def claim(scenario: Scenario, case: Case, code: str = SCHOOL) -> PayoutFacts:
    """The institution's own claim, by the API's role."""
    async with scenario.database.api.unit_of_work() as uow:
        return await claim_payout(uow, school(code), case.voucher_id)


async def test_whichever_event_comes_first_brings_the_copy(scenario: Scenario) -> None:
    await scenario.begin()
    first, second = Case(), Case()
    await scenario.receive(scenario.certified(first), scenario.issued(first))
    await scenario.receive(scenario.issued(second), scenario.certified(second))
    for case in (first, second):
        assert (await scenario.payout_of(case)).status is PayoutState.OPENED
    copies = await scenario.sql("owner", "SELECT certificate_id FROM certificate_copies")
    assert {row.certificate_id for row in copies} == {first.certificate_id, second.certificate_id}


async def test_an_event_received_twice_opens_one_payout(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    certified = scenario.certified(case)
    await scenario.receive(scenario.issued(case), certified, certified)
    assert len(await scenario.payouts_of(case)) == 1
    assert len(await scenario.events("payout.opened")) == 1


async def test_a_certificate_signed_by_another_key_is_stored_nowhere_and_no_payout_comes_of_it(
    scenario: Scenario,
) -> None:
    await scenario.begin()
    case = Case()
    forger = Scenario(scenario.database, parse_signing_key(new_key_pair(scenario.key.kid)[0]))
    await scenario.receive(
        scenario.issued(case, jws=forger.sign(case)), scenario.certified(case, jws=forger.sign(case))
    )
    assert await scenario.payouts_of(case) == []
    assert await scenario.sql("owner", "SELECT FROM certificate_copies") == []
    with pytest.raises(CertificateMissing):
        await claim(scenario, case)


async def test_each_review_of_a_permit_is_paid_once(scenario: Scenario) -> None:
    """R7: beside the first certificate, and beside the review before."""
    await scenario.begin()
    person = uuid7()
    permit = Case(person_id=person, kind="special_operation", level=0, skill_code="TZ-01")
    await scenario.open(permit)
    paid = []
    for due in (date(2033, 3, 4), date(2037, 3, 4)):
        review = replace(permit, act="review", due_on=due, voucher_id=uuid7(), certificate_id=uuid7())
        paid.append(await scenario.open(review))
    assert [payout.occasion for payout in paid] == ["review:2033-03-04", "review:2037-03-04"]
    assert {(payout.status, payout.amount_fen) for payout in paid} == {(PayoutState.OPENED, 30_000)}
    again = replace(permit, act="review", due_on=date(2033, 3, 4), voucher_id=uuid7(), certificate_id=uuid7())
    assert (await scenario.open(again)).code == "payout_already_live"


async def test_a_certificate_of_another_occasion_pays_nothing(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case(kind="special_operation", level=0, act="review", skill_code="TZ-01")
    other = scenario.sign(case, occasion="review:2030-03-04")
    await scenario.receive(scenario.issued(case, jws=other), scenario.certified(case, jws=other))
    assert await scenario.payouts_of(case) == []
    with pytest.raises(CertificateMissing):
        await claim(scenario, case)


@pytest.mark.parametrize("changes", [{"person_id": uuid7()}, {"certificate_id": uuid7()}])
async def test_a_certificate_that_contradicts_its_event_is_not_kept(
    scenario: Scenario, changes: dict[str, Any]
) -> None:
    await scenario.begin()
    case = Case()
    await scenario.receive(scenario.certified(case, jws=scenario.sign(case, **changes)))
    assert await scenario.sql("owner", "SELECT FROM certificate_copies") == []
    assert await scenario.payouts_of(case) == []


@pytest.mark.parametrize("changes", [{"level": 3}, {"skill_code": "4-10-08-01"}])
async def test_a_certificate_of_another_skill_or_level_pays_nothing(
    scenario: Scenario, changes: dict[str, Any]
) -> None:
    await scenario.begin()
    case = Case()
    await scenario.receive(scenario.certified(case, jws=scenario.sign(case, **changes)))
    assert await scenario.payouts_of(case) == []
    with pytest.raises(CertificateMissing):
        await claim(scenario, case)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"eligibility": "ineligible"}, "ineligible"),
        ({"programme": "apprenticeship_training"}, "rate_missing"),
        ({"act": "review"}, "rate_missing"),
        ({"assessed_on": date(2022, 3, 30)}, "rate_missing"),
        ({"fund_source": "private_purse"}, "fund_source_not_allowed"),
    ],
)
async def test_what_else_is_wrong_is_created_rejected_with_its_code(
    scenario: Scenario, changes: dict[str, Any], code: str
) -> None:
    await scenario.begin()
    payout = await scenario.open(replace(Case(), **changes))
    assert (payout.status, payout.code) == (PayoutState.REJECTED, code)
    (event,) = await scenario.events("payout.rejected")
    assert (event["code"], event["version"]) == (code, 1)


async def test_the_amount_is_the_rate_in_force_on_the_day_of_assessment(scenario: Scenario) -> None:
    await scenario.begin()
    await scenario.sql(
        "owner", "UPDATE rates SET valid_to = '2033-03-03' WHERE programme = 'training_voucher' AND level = 4"
    )
    await scenario.sql(
        "owner",
        "INSERT INTO rates SELECT id + 1000, programme, certificate_kind, level, act, 170000, '2033-03-04', NULL,"
        " payee, confirm, source FROM rates WHERE programme = 'training_voucher' AND level = 4",
    )
    before = await scenario.open(replace(Case(), assessed_on=date(2033, 3, 3)))
    after = await scenario.open(replace(Case(), assessed_on=date(2033, 3, 4)))
    unknown = await scenario.open(replace(Case(), assessed_on=None, issued_on=date(2033, 3, 2)))
    assert [case.amount_fen for case in (before, after, unknown)] == [160_000, 170_000, 160_000]


async def test_once_per_person_skill_and_level(scenario: Scenario) -> None:
    await scenario.begin()
    first = Case()
    again = replace(Case(), person_id=first.person_id)
    other_level = replace(Case(), person_id=first.person_id, level=3)
    await scenario.open(first)
    refused = await scenario.open(again)
    assert (refused.status, refused.code) == (PayoutState.REJECTED, "payout_already_live")
    assert (await scenario.open(other_level)).status is PayoutState.OPENED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eligibility": "unknown"}, "eligibility_unknown"),
        ({"eligibility_decided_on": date(2033, 2, 4)}, "eligibility_stale"),
        ({"institution": OTHER_SCHOOL}, "institution_not_listed"),
    ],
)
async def test_what_is_unknown_opens_held(scenario: Scenario, changes: dict[str, Any], reason: str) -> None:
    await scenario.begin()
    payout = await scenario.open(replace(Case(), **changes))
    assert (payout.status, payout.open_holds, payout.version) == (PayoutState.OPENED, 1, 2)
    assert await holds_of(scenario, payout) == {reason}
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.OPENED


@pytest.mark.parametrize("left", [InstitutionSuspendedV1, InstitutionRemovedV1])
async def test_only_its_own_payout_opens_held_once_an_institution_left(scenario: Scenario, left: type[Event]) -> None:
    await scenario.begin()
    await scenario.receive(scenario.next_event(left, SCHOOL, area="410402", scope=(), reason_code="findings"))
    own, workers = await scenario.open(), await scenario.open(replace(Case(), payee_kind="worker", mandate_id=None))
    assert ((own.payee_kind, own.open_holds), (workers.payee_kind, workers.open_holds)) == (
        ("institution", 1),
        ("worker", 0),
    )


async def test_a_payee_that_is_suspended_is_held_wherever_its_staff_learned(scenario: Scenario) -> None:
    await scenario.begin()
    await scenario.receive(
        scenario.next_event(InstitutionListedV1, OTHER_SCHOOL, area="410403", scope=()),
        scenario.next_event(InstitutionSuspendedV1, OTHER_SCHOOL, area="410403", scope=(), reason_code="findings"),
    )
    payout = await scenario.open(replace(Case(), payee_kind="enterprise", payee_id=OTHER_SCHOOL))
    assert await holds_of(scenario, payout) == {"institution_suspended"}


async def test_a_verdict_of_thirty_days_is_fresh(scenario: Scenario) -> None:
    await scenario.begin()
    payout = await scenario.open(replace(Case(), eligibility_decided_on=date(2033, 2, 5)))
    assert payout.open_holds == 0


async def test_holds_received_before_the_opening_stand_from_the_first_moment(scenario: Scenario) -> None:
    await scenario.begin()
    case, hold_id, lifted = Case(), uuid7(), uuid7()
    await scenario.receive(
        scenario.next_event(VoucherHeldV1, case.voucher_id, hold_id=hold_id, reason_code="complaint"),
        scenario.next_event(VoucherHeldV1, case.voucher_id, hold_id=lifted, reason_code="sample"),
        scenario.next_event(VoucherHoldLiftedV1, case.voucher_id, hold_id=lifted, reason_code="sample"),
        scenario.next_event(InstitutionSuspendedV1, SCHOOL, area="410402", scope=(), reason_code="findings"),
    )
    payout = await scenario.open(case)
    assert await holds_of(scenario, payout) == {"complaint", "institution_suspended"}
    assert payout.version == 3
    await scenario.receive(
        scenario.next_event(VoucherHoldLiftedV1, case.voucher_id, hold_id=hold_id, reason_code="complaint"),
        scenario.next_event(InstitutionListedV1, SCHOOL, area="410402", scope=()),
    )
    assert (await scenario.now_of(payout)).open_holds == 0


async def test_a_certificate_revoked_before_the_opening(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    await scenario.receive(scenario.issued(case))
    await scenario.receive(
        scenario.next_event(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 6), reason_code="fraud")
    )
    await scenario.receive(scenario.certified(case))
    payout = await scenario.payout_of(case)
    assert (payout.status, payout.code) == (PayoutState.REJECTED, "certificate_revoked")


async def test_an_imported_certificate_opens_and_waits_to_be_verified(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    issued = scenario.issued(case)
    imported = CertificateImportedV1(**issued.model_dump())
    await scenario.receive(imported, scenario.certified(case))
    assert (await scenario.payout_of(case)).status is PayoutState.OPENED
    (status,) = await scenario.sql("owner", "SELECT status FROM certificate_statuses")
    assert status.status == "imported"


async def test_the_institutions_claim_answers_the_payout_that_is_open(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    opened = await scenario.open(case)
    assert (await claim(scenario, case)).id == opened.id
    assert len(await scenario.payouts_of(case)) == 1


async def test_a_claim_without_certificate_is_refused_and_no_payout_comes_of_it(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    certified = scenario.certified(case).model_dump()
    claimed = VoucherClaimedV1(**{**certified, "version": 1})
    bound = VoucherBoundV1(**{**certified, "version": 2})
    await scenario.receive(claimed)
    with pytest.raises(VoucherNotFound):
        await claim(scenario, case)
    await scenario.receive(bound)
    with pytest.raises(CertificateMissing):
        await claim(scenario, case)
    with pytest.raises(VoucherNotFound):
        await claim(scenario, case, OTHER_SCHOOL)
    assert await scenario.payouts_of(case) == []


async def test_after_a_rejection_the_institution_may_claim_anew(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    first = await scenario.open(replace(case, fund_source="private_purse"))
    await scenario.sql("owner", "UPDATE voucher_facts SET fund_source = 'employment_subsidy_fund'")
    again = await claim(scenario, case)
    assert (again.status, again.id != first.id) == (PayoutState.OPENED, True)


async def test_without_a_mandate_the_worker_is_the_payee(scenario: Scenario) -> None:
    await scenario.begin()
    case = replace(Case(), mandate_id=None)
    payout = await scenario.open(case)
    assert (payout.payee_kind, payout.payee_id) == ("worker", str(case.person_id))


async def test_what_payout_publishes_names_no_time_but_business_time(scenario: Scenario) -> None:
    await scenario.begin()
    await scenario.open()
    (event,) = await scenario.events("payout.opened")
    assert business_date(datetime.fromisoformat(event["business_at"])) == business_date(MONDAY)
    assert event["amount_fen"] == 160_000


async def test_of_a_name_only_its_masked_form_is_kept(scenario: Scenario) -> None:
    """D19: the contract refuses a whole name, and so does the table."""
    case = Case()
    await scenario.receive(scenario.certified(case))
    kept = await scenario.sql("api", "SELECT class_id, masked_name FROM voucher_facts")
    assert [(row.class_id, row.masked_name) for row in kept] == [(case.class_id, "李*")]
    with pytest.raises(ValidationError):
        scenario.certified(replace(Case(), masked_name="李四"))
    for name in ("李四", "**", "李 *", "李*四"):
        statement = "UPDATE voucher_facts SET masked_name = :name"
        assert await refused(scenario, "worker", statement, name=name) == "ck_voucher_facts_masked_name"
