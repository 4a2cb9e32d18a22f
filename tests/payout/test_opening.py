"""From events to an opened payout: verified copies, births and refusals, disorder and repetition."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from services.payout.certificate_facts.domain import CertificateMissing
from services.payout.claims.service import claim_payout
from services.payout.holds.queries import open_holds
from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.contracts.evaluation import CertificateImportedV1, CertificateRevokedV1
from shared.contracts.training import InstitutionListedV1, InstitutionSuspendedV1
from shared.contracts.voucher import VoucherBoundV1, VoucherClaimedV1, VoucherHeldV1, VoucherHoldLiftedV1
from shared.kernel.clock import business_date
from shared.kernel.errors import VoucherNotFound
from shared.kernel.ids import uuid7
from shared.security import new_key_pair, parse_signing_key
from tests.keys import CERTIFICATE_KID
from tests.payout.city import MONDAY, OTHER_SCHOOL, SCHOOL, Case, City, school


async def holds_of(city: City, payout: PayoutFacts) -> set[str]:
    """The reasons for which a payout is held."""
    async with city.database.worker.unit_of_work() as uow:
        return {hold.reason_code for hold in await open_holds(uow, [payout.id])}


async def claim(city: City, case: Case, code: str = SCHOOL) -> PayoutFacts:
    """The institution's own claim, by the API's role."""
    async with city.database.api.unit_of_work() as uow:
        return await claim_payout(uow, school(code), case.voucher_id)


async def test_whichever_event_comes_first_brings_the_copy(city: City) -> None:
    await city.begin()
    first, second = Case(), Case()
    await city.hear(city.certified(first), city.issued(first))
    await city.hear(city.issued(second), city.certified(second))
    for case in (first, second):
        assert (await city.payout_of(case)).status is PayoutState.OPENED
    copies = await city.sql("owner", "SELECT certificate_id FROM certificate_copies")
    assert {row.certificate_id for row in copies} == {first.certificate_id, second.certificate_id}


async def test_an_event_heard_twice_opens_one_payout(city: City) -> None:
    await city.begin()
    case = Case()
    certified = city.certified(case)
    await city.hear(city.issued(case), certified, certified)
    assert len(await city.payouts_of(case)) == 1
    assert len(await city.events("payout.opened")) == 1


async def test_a_certificate_signed_by_another_key_is_stored_nowhere_and_nothing_is_born(city: City) -> None:
    await city.begin()
    case = Case()
    forger = City(city.database, parse_signing_key(new_key_pair(CERTIFICATE_KID)[0]))
    await city.hear(city.issued(case, jws=forger.sign(case)), city.certified(case, jws=forger.sign(case)))
    assert await city.payouts_of(case) == []
    assert await city.sql("owner", "SELECT FROM certificate_copies") == []
    with pytest.raises(CertificateMissing):
        await claim(city, case)


@pytest.mark.parametrize("changes", [{"person_id": uuid7()}, {"certificate_id": uuid7()}])
async def test_a_certificate_that_contradicts_its_event_is_not_kept(city: City, changes: dict[str, Any]) -> None:
    await city.begin()
    case = Case()
    await city.hear(city.certified(case, jws=city.sign(case, **changes)))
    assert await city.sql("owner", "SELECT FROM certificate_copies") == []
    assert await city.payouts_of(case) == []


@pytest.mark.parametrize("changes", [{"level": 3}, {"skill_code": "4-10-08-01"}])
async def test_a_certificate_of_another_skill_or_level_pays_nothing(city: City, changes: dict[str, Any]) -> None:
    await city.begin()
    case = Case()
    await city.hear(city.certified(case, jws=city.sign(case, **changes)))
    assert await city.payouts_of(case) == []
    with pytest.raises(CertificateMissing):
        await claim(city, case)


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
async def test_what_else_is_wrong_is_born_rejected_with_its_code(
    city: City, changes: dict[str, Any], code: str
) -> None:
    await city.begin()
    payout = await city.open(replace(Case(), **changes))
    assert (payout.status, payout.code) == (PayoutState.REJECTED, code)
    (told,) = await city.events("payout.rejected")
    assert (told["code"], told["version"]) == (code, 1)


async def test_the_amount_is_the_rate_in_force_on_the_day_of_assessment(city: City) -> None:
    await city.begin()
    await city.sql(
        "owner", "UPDATE rates SET valid_to = '2033-03-03' WHERE programme = 'training_voucher' AND level = 4"
    )
    await city.sql(
        "owner",
        "INSERT INTO rates SELECT id + 1000, programme, certificate_kind, level, act, 170000, '2033-03-04', NULL,"
        " payee, confirm, source FROM rates WHERE programme = 'training_voucher' AND level = 4",
    )
    before = await city.open(replace(Case(), assessed_on=date(2033, 3, 3)))
    after = await city.open(replace(Case(), assessed_on=date(2033, 3, 4)))
    unknown = await city.open(replace(Case(), assessed_on=None, issued_on=date(2033, 3, 2)))
    assert [one.amount_fen for one in (before, after, unknown)] == [160_000, 170_000, 160_000]


async def test_once_per_person_skill_and_level(city: City) -> None:
    await city.begin()
    first = Case()
    again = replace(Case(), person_id=first.person_id)
    other_level = replace(Case(), person_id=first.person_id, level=3)
    await city.open(first)
    refused = await city.open(again)
    assert (refused.status, refused.code) == (PayoutState.REJECTED, "payout_already_live")
    assert (await city.open(other_level)).status is PayoutState.OPENED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eligibility": "unknown"}, "eligibility_unknown"),
        ({"eligibility_decided_on": date(2033, 2, 4)}, "eligibility_stale"),
        ({"institution": OTHER_SCHOOL}, "institution_not_listed"),
    ],
)
async def test_what_is_unknown_opens_held(city: City, changes: dict[str, Any], reason: str) -> None:
    await city.begin()
    payout = await city.open(replace(Case(), **changes))
    assert (payout.status, payout.open_holds, payout.version) == (PayoutState.OPENED, 1, 2)
    assert await holds_of(city, payout) == {reason}
    await city.tick()
    assert (await city.now_of(payout)).status is PayoutState.OPENED


async def test_a_verdict_of_thirty_days_is_fresh(city: City) -> None:
    await city.begin()
    payout = await city.open(replace(Case(), eligibility_decided_on=date(2033, 2, 5)))
    assert payout.open_holds == 0


async def test_holds_heard_before_the_opening_stand_from_the_first_moment(city: City) -> None:
    await city.begin()
    case, hold_id, lifted = Case(), uuid7(), uuid7()
    await city.hear(
        city.tell(VoucherHeldV1, case.voucher_id, hold_id=hold_id, reason_code="complaint"),
        city.tell(VoucherHeldV1, case.voucher_id, hold_id=lifted, reason_code="sample"),
        city.tell(VoucherHoldLiftedV1, case.voucher_id, hold_id=lifted, reason_code="sample"),
        city.tell(InstitutionSuspendedV1, SCHOOL, area="410402", scope=()),
    )
    payout = await city.open(case)
    assert await holds_of(city, payout) == {"complaint", "institution_not_listed"}
    assert payout.version == 3
    await city.hear(
        city.tell(VoucherHoldLiftedV1, case.voucher_id, hold_id=hold_id, reason_code="complaint"),
        city.tell(InstitutionListedV1, SCHOOL, area="410402", scope=()),
    )
    assert (await city.now_of(payout)).open_holds == 0


async def test_a_certificate_revoked_before_the_opening(city: City) -> None:
    await city.begin()
    case = Case()
    await city.hear(city.issued(case))
    await city.hear(city.tell(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 6), reason_code="fraud"))
    await city.hear(city.certified(case))
    payout = await city.payout_of(case)
    assert (payout.status, payout.code) == (PayoutState.REJECTED, "certificate_revoked")


async def test_an_imported_certificate_opens_and_waits_to_be_verified(city: City) -> None:
    await city.begin()
    case = Case()
    issued = city.issued(case)
    imported = CertificateImportedV1(**issued.model_dump())
    await city.hear(imported, city.certified(case))
    assert (await city.payout_of(case)).status is PayoutState.OPENED
    (status,) = await city.sql("owner", "SELECT status FROM certificate_statuses")
    assert status.status == "imported"


async def test_the_institutions_claim_answers_the_payout_that_is_open(city: City) -> None:
    await city.begin()
    case = Case()
    opened = await city.open(case)
    assert (await claim(city, case)).id == opened.id
    assert len(await city.payouts_of(case)) == 1


async def test_a_claim_without_certificate_is_refused_and_nothing_is_born(city: City) -> None:
    await city.begin()
    case = Case()
    certified = city.certified(case).model_dump()
    claimed = VoucherClaimedV1(**{**certified, "version": 1})
    bound = VoucherBoundV1(**{**certified, "version": 2})
    await city.hear(claimed)
    with pytest.raises(VoucherNotFound):
        await claim(city, case)
    await city.hear(bound)
    with pytest.raises(CertificateMissing):
        await claim(city, case)
    with pytest.raises(VoucherNotFound):
        await claim(city, case, OTHER_SCHOOL)
    assert await city.payouts_of(case) == []


async def test_after_a_rejection_the_institution_may_claim_anew(city: City) -> None:
    await city.begin()
    case = Case()
    first = await city.open(replace(case, fund_source="private_purse"))
    await city.sql("owner", "UPDATE voucher_facts SET fund_source = 'employment_subsidy_fund'")
    again = await claim(city, case)
    assert (again.status, again.id != first.id) == (PayoutState.OPENED, True)


async def test_without_a_mandate_the_worker_is_the_payee(city: City) -> None:
    await city.begin()
    case = replace(Case(), mandate_id=None)
    payout = await city.open(case)
    assert (payout.payee_kind, payout.payee_id) == ("worker", str(case.person_id))


async def test_what_payout_tells_names_no_time_but_business_time(city: City) -> None:
    await city.begin()
    await city.open()
    (told,) = await city.events("payout.opened")
    assert business_date(datetime.fromisoformat(told["business_at"])) == business_date(MONDAY)
    assert told["amount_fen"] == 160_000
