"""Claims: one by one and many at once, general and targeted, and everything that stands against them."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from services.voucher.batches.domain import BatchKind
from services.voucher.eligibility.domain import FiscalPayroll, Pension
from services.voucher.holds.service import lift_hold, place_hold
from services.voucher.vouchers.models import Voucher
from services.voucher.vouchers.service import claim_vouchers, expire_vouchers
from services.voucher.workers.domain import Group
from services.voucher.workers.service import OtherBenefit, record_extract, record_group, supersede
from shared.contracts.evaluation import CertificateIssuedV1, CertificateRevokedV1
from shared.contracts.payout import PayoutDebtSettledV1, PayoutOpenedV1, PayoutPaidV1, PayoutReversedV1
from shared.kernel.clock import business_date
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from tests.databases import TESTER
from tests.voucher.payouts import payout_event
from tests.voucher.town import ELSEWHERE, OTHER_SKILL, SKILL, Town, certificate_event, request_of


def outcomes(answers: list[Voucher | DomainError]) -> list[str]:
    """Statuses and codes, in order."""
    return [one.code if isinstance(one, DomainError) else one.status for one in answers]


async def claimed_count(town: Town, batch_id: UUID) -> int:
    """What the batch counts."""
    async with town.database.api.engine.connect() as connection:
        query = text("SELECT claimed FROM batches WHERE id = :id")
        count: int = (await connection.execute(query, {"id": batch_id})).scalar_one()
        return count


async def test_a_list_is_answered_item_by_item(town: Town) -> None:
    batch, other = await town.batch(quantity=2), await town.batch()
    birth = business_date(await town.now()) - timedelta(days=14 * 365)
    one, two, three, young = [*[await town.person() for _ in range(3)], await town.person(born=birth)]
    async with town.database.api.unit_of_work() as uow:
        answers = await claim_vouchers(
            uow,
            [
                request_of(one, batch, *SKILL),
                request_of(young, batch, *SKILL),
                request_of(one, other, *OTHER_SKILL),
                request_of(two, batch, *OTHER_SKILL),
                request_of(three, batch, *SKILL),
                request_of(uuid4(), batch, *SKILL),
                request_of(three, uuid4(), *SKILL),
                request_of(three, other, "4-03-02-01", 1),
            ],
        )
    assert outcomes(answers) == [
        "claimed",
        "not_eligible",
        "voucher_already_live",
        "claimed",
        "quota_exhausted",
        "person_not_found",
        "batch_not_found",
        "skill_not_in_batch",
    ]
    assert await claimed_count(town, batch) == 2


async def test_the_verdict_is_stored_with_reasons_inputs_and_rules(town: Town) -> None:
    voucher = await town.claimed()
    async with town.database.api.engine.connect() as connection:
        query = text("SELECT * FROM eligibility_verdicts WHERE voucher_id = :id")
        (verdict,) = (await connection.execute(query, {"id": voucher.id})).all()
    assert (verdict.occasion, verdict.verdict, verdict.reasons, verdict.rules_version) == (
        "claim", "eligible", [], "2022-03",
    )  # fmt: skip
    assert verdict.inputs["pension"] == "not_drawn"
    assert verdict.inputs["rules"]["trainings_per_year"] == 3
    assert verdict.decided_on == voucher.eligibility_decided_on


async def test_unknown_never_passes(town: Town) -> None:
    nobody_asked = await town.person(extract={})
    asked = await town.person(extract={"pension": "unknown", "fiscal_payroll": "unknown"})
    answers = await town.claim(await town.batch(), nobody_asked, asked)
    assert outcomes(answers) == ["eligibility_unknown", "eligibility_unknown"]


async def test_the_claim_window(town: Town) -> None:
    batch, person = await town.batch(), await town.person()
    await town.pass_days(30)
    assert outcomes(await town.claim(batch, person)) == ["claim_window_closed"]


async def test_the_batch_is_for_its_areas_and_groups(town: Town) -> None:
    batch = await town.batch(areas=[ELSEWHERE], groups=["veteran"])
    stranger, veteran = await town.person(), await town.person(area=ELSEWHERE)
    async with town.database.api.unit_of_work() as uow:
        await record_group(
            uow,
            veteran,
            Group.VETERAN,
            evidence="退役证",
            source="bureau",
            as_of=uow.today,
            until=None,
            by="o",
        )
    stranger_answer, veteran_answer = await town.claim(batch, stranger, veteran)
    assert isinstance(stranger_answer, DomainError)
    assert "not_in_audience, area_outside_batch" in str(stranger_answer)
    assert isinstance(veteran_answer, Voucher)


async def test_evidence_of_a_group_runs_out(town: Town) -> None:
    batch, person = await town.batch(groups=["flexible"]), await town.person()
    async with town.database.api.unit_of_work() as uow:
        until = uow.today + timedelta(days=2)
        await record_group(
            uow, person, Group.FLEXIBLE, evidence="承诺书", source="self", as_of=uow.today, until=until, by="o"
        )
    await town.pass_days(3)
    assert outcomes(await town.claim(batch, person)) == ["not_eligible"]


async def test_once_per_skill_and_level_and_never_lower(town: Town) -> None:
    """A13 and D7 across batches, after the voucher is redeemed; a clawed-back one counts until its debt is settled."""
    voucher, enrolment = await town.bound()
    facts = town.signed(voucher, enrolment)
    payout = uuid7()
    await town.tell(
        certificate_event(CertificateIssuedV1, facts, town.jws(facts)),
        payout_event(PayoutOpenedV1, voucher, payout, 1),
        payout_event(PayoutPaidV1, voucher, payout, 2),
    )
    batch = await town.batch(skills=[("4-03-02-01", 5), SKILL])
    same = await town.claim(batch, voucher.person_id)
    lower = await town.claim(batch, voucher.person_id, skill=("4-03-02-01", 5))
    assert [str(one).partition(": ")[2] for one in (*same, *lower)] == ["benefit_taken.", "higher_level_held."]
    await town.tell(payout_event(PayoutReversedV1, voucher, payout, 3))
    assert outcomes(await town.claim(batch, voucher.person_id)) == ["not_eligible"]
    await town.tell(payout_event(PayoutDebtSettledV1, voucher, payout, 4))
    assert outcomes(await town.claim(batch, voucher.person_id)) == ["claimed"]


async def test_a_certificate_without_a_voucher_counts_until_it_is_revoked(town: Town) -> None:
    voucher, _ = await town.bound()
    person = await town.person()
    facts = town.signed(voucher, None, person_id=person, voucher_id=None, level=3)
    await town.tell(certificate_event(CertificateIssuedV1, facts, town.jws(facts)))
    batch = await town.batch()
    assert outcomes(await town.claim(batch, person)) == ["not_eligible"]
    revoked = CertificateRevokedV1(
        id=facts.certificate_id,
        version=2,
        business_at=await town.now(),
        actor=TESTER,
        since=facts.issued_on,
        reason_code="forged",
    )
    await town.tell(revoked)
    assert outcomes(await town.claim(batch, person)) == ["claimed"]


async def test_what_other_offices_paid_counts(town: Town) -> None:
    person = await town.person(extract={})
    async with town.database.api.unit_of_work() as uow:
        others = [
            OtherBenefit("unemployment_skills_subsidy", *SKILL, uow.today),
            *(OtherBenefit("enterprise_training", "4-03-02-02", level, uow.today) for level in (5, 4)),
        ]
        for _ in range(2):
            await record_extract(
                uow, person, Pension.NOT_DRAWN, FiscalPayroll.OFF, other_benefits=others, source="office",
                as_of=uow.today, by="portal",
            )  # fmt: skip
    (same,) = await town.claim(await town.batch(), person)
    assert str(same).endswith("benefit_taken, yearly_limit_reached.")


async def test_two_records_of_one_person_have_one_history(town: Town) -> None:
    voucher = await town.claimed()
    survivor = await town.person()
    async with town.database.api.unit_of_work() as uow:
        await supersede(uow, voucher.person_id, survivor)
    batch = await town.batch()
    live = await town.claim(batch, survivor, voucher.person_id, skill=OTHER_SKILL)
    assert outcomes(live) == ["voucher_already_live"] * 2
    await town.pass_days(91)
    async with town.database.worker.unit_of_work() as uow:
        await expire_vouchers(uow, 10)
    batch = await town.batch()
    assert outcomes(await town.claim(batch, survivor, voucher.person_id)) == ["claimed", "not_eligible"]


async def test_a_targeted_batch_offers_to_the_people_listed(town: Town) -> None:
    people = [await town.person() for _ in range(3)]
    busy, listed, unlisted = people[0], people[1], people[2]
    await town.claim(await town.batch(), busy)
    batch = await town.batch(kind=BatchKind.TARGETED, quantity=2, holders=[busy, listed])
    async with town.database.api.engine.connect() as connection:
        query = text("SELECT person_id, status, skill_code, id FROM vouchers WHERE batch_id = :id")
        (offer,) = (await connection.execute(query, {"id": batch})).all()
    assert (offer.person_id, offer.status, offer.skill_code) == (listed, "offered", None)
    assert await claimed_count(town, batch) == 0
    answers = await town.claim(batch, busy, listed, unlisted)
    assert outcomes(answers) == ["voucher_not_offered", "claimed", "voucher_not_offered"]
    assert outcomes(await town.claim(batch, listed)) == ["voucher_not_offered"]
    assert await town.told(offer.id) == ["voucher.offered", "voucher.claimed"]
    assert await claimed_count(town, batch) == 1
    taken_up = await town.voucher(offer.id)
    assert (taken_up.skill_code, taken_up.level) == SKILL
    assert taken_up.valid_until > await town.now() + timedelta(days=89)


async def test_an_offer_that_is_not_taken_up_expires(town: Town) -> None:
    person = await town.person()
    batch = await town.batch(kind=BatchKind.TARGETED, quantity=1, holders=[person])
    await town.pass_days(31)
    async with town.database.worker.unit_of_work() as uow:
        assert await expire_vouchers(uow, 10) == 1
    assert outcomes(await town.claim(batch, person)) == ["claim_window_closed"]
    assert outcomes(await town.claim(await town.batch(), person)) == ["claimed"]


async def test_an_offer_to_another_record_of_the_person_is_not_taken_up(town: Town) -> None:
    """The holder never changes (A4), not even to the same person's other record."""
    old, survivor = await town.person(), await town.person()
    batch = await town.batch(kind=BatchKind.TARGETED, quantity=1, holders=[old])
    async with town.database.api.unit_of_work() as uow:
        await supersede(uow, old, survivor)
    assert outcomes(await town.claim(batch, survivor, old)) == ["voucher_not_offered", "not_eligible"]


async def test_a_held_offer_waits(town: Town) -> None:
    person = await town.person()
    batch = await town.batch(kind=BatchKind.TARGETED, quantity=1, holders=[person])
    async with town.database.api.engine.connect() as connection:
        offer: UUID = (await connection.execute(text("SELECT id FROM vouchers"))).scalar_one()
    async with town.database.api.unit_of_work() as uow:
        hold = await place_hold(uow, offer, "audit", uuid4())
    assert outcomes(await town.claim(batch, person)) == ["held"]
    async with town.database.api.unit_of_work() as uow:
        await lift_hold(uow, offer, hold.id, uuid4())
    assert outcomes(await town.claim(batch, person)) == ["claimed"]
