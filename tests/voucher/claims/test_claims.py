"""Claims: one by one and many at once, general and targeted, and everything that stands against them."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from services.voucher.batches.domain import BatchKind
from services.voucher.claims.service import claim_vouchers
from services.voucher.evidence.domain import (
    ExtractStatement,
    FiscalPayroll,
    Group,
    GroupStatement,
    OutsideTraining,
    Pension,
)
from services.voucher.evidence.service import record_extract, record_group
from services.voucher.vouchers.models import Voucher
from services.voucher.vouchers.service import lift_hold, place_hold
from shared.contracts.evaluation import CertificateIssuedV1, CertificateRevokedV1
from shared.contracts.payout import PayoutDebtSettledV1, PayoutOpenedV1, PayoutPaidV1, PayoutReversedV1
from shared.kernel.clock import business_date
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from tests.clock import business_now
from tests.databases import TESTER
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import ELSEWHERE, OTHER_SKILL, SKILL, Scenario, request_of


def outcomes(answers: list[Voucher | DomainError]) -> list[str]:
    """Statuses and codes, in order."""
    return [answer.code if isinstance(answer, DomainError) else answer.status for answer in answers]


async def claimed_count(scenario: Scenario, batch_id: UUID) -> int:
    """What the batch counts."""
    async with scenario.database.api.engine.connect() as connection:
        query = text("SELECT claimed FROM batches WHERE id = :id")
        count: int = (await connection.execute(query, {"id": batch_id})).scalar_one()
        return count


async def test_a_list_is_answered_item_by_item(scenario: Scenario) -> None:
    batch, other = await scenario.batch(quantity=2), await scenario.batch()
    first, two, three, young = [
        *[await scenario.person() for _ in range(3)],
        await scenario.person(birthday=date(business_date(business_now()).year - 15, 1, 1)),
    ]
    async with scenario.database.api.unit_of_work() as uow:
        answers = await claim_vouchers(
            uow,
            [
                request_of(first, batch, *SKILL),
                request_of(young, batch, *SKILL),
                request_of(first, other, *OTHER_SKILL),
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
    assert await claimed_count(scenario, batch) == 2


async def test_the_verdict_is_stored_with_reasons_inputs_and_rules(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    async with scenario.database.api.engine.connect() as connection:
        query = text("SELECT * FROM eligibility_verdicts WHERE voucher_id = :id")
        (verdict,) = (await connection.execute(query, {"id": voucher.id})).all()
    assert (verdict.step, verdict.verdict, verdict.reasons, verdict.rules_version) == (
        "claim", "eligible", [], "2022-03",
    )  # fmt: skip
    assert verdict.inputs["pension"] == "not_drawn"
    assert verdict.inputs["rules"]["trainings_per_year"] == 3
    assert verdict.decided_on == voucher.eligibility_decided_on


async def test_unknown_never_passes(scenario: Scenario) -> None:
    nobody_asked = await scenario.person(extract={})
    asked = await scenario.person(extract={"pension": "unknown", "fiscal_payroll": "unknown"})
    answers = await scenario.claim(await scenario.batch(), nobody_asked, asked)
    assert outcomes(answers) == ["eligibility_undecided", "eligibility_undecided"]


async def test_the_claim_window(scenario: Scenario) -> None:
    batch, person = await scenario.batch(), await scenario.person()
    await scenario.pass_days(30)
    assert outcomes(await scenario.claim(batch, person)) == ["claim_window_closed"]


async def test_the_batch_is_for_its_areas_and_groups(scenario: Scenario) -> None:
    batch = await scenario.batch(areas=[ELSEWHERE], groups=["veteran"])
    stranger, veteran = await scenario.person(), await scenario.person(area=ELSEWHERE)
    async with scenario.database.api.unit_of_work() as uow:
        await record_group(uow, veteran, GroupStatement(Group.VETERAN, "退役证", "bureau", uow.today, None), "officer")
    stranger_answer, veteran_answer = await scenario.claim(batch, stranger, veteran)
    assert isinstance(stranger_answer, DomainError)
    assert "not_in_audience, area_outside_batch" in str(stranger_answer)
    assert isinstance(veteran_answer, Voucher)


async def test_evidence_of_a_group_runs_out(scenario: Scenario) -> None:
    batch, person = await scenario.batch(groups=["flexible"]), await scenario.person()
    async with scenario.database.api.unit_of_work() as uow:
        until = uow.today + timedelta(days=2)
        await record_group(uow, person, GroupStatement(Group.FLEXIBLE, "承诺书", "self", uow.today, until), "officer")
    await scenario.pass_days(3)
    assert outcomes(await scenario.claim(batch, person)) == ["not_eligible"]


async def test_once_per_skill_and_level_and_never_lower(scenario: Scenario) -> None:
    """A13 and D7 across batches, after the voucher is redeemed; a clawed-back one counts until its debt is settled."""
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    payout = uuid7()
    await scenario.receive(
        certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)),
        payout_event(PayoutOpenedV1, voucher, payout, 1),
        payout_event(PayoutPaidV1, voucher, payout, 2),
    )
    batch = await scenario.batch(skills=[("4-03-02-01", 5), SKILL])
    same = await scenario.claim(batch, voucher.person_id)
    lower = await scenario.claim(batch, voucher.person_id, skill=("4-03-02-01", 5))
    assert [str(certificate).partition(": ")[2] for certificate in (*same, *lower)] == [
        "benefit_taken.",
        "higher_level_held.",
    ]
    await scenario.receive(payout_event(PayoutReversedV1, voucher, payout, 3))
    assert outcomes(await scenario.claim(batch, voucher.person_id)) == ["not_eligible"]
    await scenario.receive(payout_event(PayoutDebtSettledV1, voucher, payout, 4))
    assert outcomes(await scenario.claim(batch, voucher.person_id)) == ["claimed"]


async def test_a_certificate_without_a_voucher_counts_until_it_is_revoked(scenario: Scenario) -> None:
    voucher, _ = await scenario.bound()
    person = await scenario.person()
    facts = scenario.signed(voucher, None, person_id=person, voucher_id=None, level=3)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    batch = await scenario.batch()
    assert outcomes(await scenario.claim(batch, person)) == ["not_eligible"]
    revoked = CertificateRevokedV1(
        id=facts.certificate_id,
        version=2,
        business_at=await scenario.now(),
        actor=TESTER,
        since=facts.issued_on,
        reason_code="forged",
    )
    await scenario.receive(revoked)
    assert outcomes(await scenario.claim(batch, person)) == ["claimed"]


async def test_what_other_offices_paid_counts(scenario: Scenario) -> None:
    person = await scenario.person(extract={})
    async with scenario.database.api.unit_of_work() as uow:
        others = (
            OutsideTraining("unemployment_skills_subsidy", *SKILL, uow.today),
            *(OutsideTraining("enterprise_training", "4-03-02-02", level, uow.today) for level in (5, 4, 4)),
        )
        said = ExtractStatement(Pension.NOT_DRAWN, FiscalPayroll.OFF, "office", uow.today, others)
        for _ in range(2):
            await record_extract(uow, person, said, "portal")
            await uow.session.flush()
    (same,) = await scenario.claim(await scenario.batch(), person)
    assert str(same).endswith("benefit_taken, yearly_limit_reached.")


async def test_two_records_of_one_person_have_one_history(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    survivor = await scenario.person()
    await scenario.merge(voucher.person_id, survivor)
    batch = await scenario.batch()
    live = await scenario.claim(batch, survivor, voucher.person_id, skill=OTHER_SKILL)
    assert outcomes(live) == ["voucher_already_live"] * 2
    await scenario.pass_days(91)
    await scenario.run_timers()
    batch = await scenario.batch()
    assert outcomes(await scenario.claim(batch, survivor, voucher.person_id)) == ["claimed", "not_eligible"]


async def test_a_targeted_batch_offers_to_the_people_listed(scenario: Scenario) -> None:
    people = [await scenario.person() for _ in range(3)]
    busy, listed, unlisted = people[0], people[1], people[2]
    await scenario.claim(await scenario.batch(), busy)
    batch = await scenario.batch(kind=BatchKind.TARGETED, quantity=2, holders=[busy, listed])
    async with scenario.database.api.engine.connect() as connection:
        query = text("SELECT person_id, status, skill_code, id FROM vouchers WHERE batch_id = :id")
        (offer,) = (await connection.execute(query, {"id": batch})).all()
    assert (offer.person_id, offer.status, offer.skill_code) == (listed, "offered", None)
    assert await claimed_count(scenario, batch) == 0
    answers = await scenario.claim(batch, busy, listed, unlisted)
    assert outcomes(answers) == ["voucher_not_offered", "claimed", "voucher_not_offered"]
    assert outcomes(await scenario.claim(batch, listed)) == ["voucher_not_offered"]
    assert await scenario.emitted(offer.id) == ["voucher.offered", "voucher.claimed"]
    assert await claimed_count(scenario, batch) == 1
    taken_up = await scenario.voucher(offer.id)
    assert (taken_up.skill_code, taken_up.level) == SKILL
    assert taken_up.valid_until > await scenario.now() + timedelta(days=89)


async def test_an_offer_that_is_not_taken_up_expires(scenario: Scenario) -> None:
    person = await scenario.person()
    batch = await scenario.batch(kind=BatchKind.TARGETED, quantity=1, holders=[person])
    await scenario.pass_days(31)
    assert (await scenario.run_timers())["voucher.expire"] == 1
    assert outcomes(await scenario.claim(batch, person)) == ["claim_window_closed"]
    assert outcomes(await scenario.claim(await scenario.batch(), person)) == ["claimed"]


async def test_an_offer_to_another_record_of_the_person_is_taken_up_by_the_survivor(scenario: Scenario) -> None:
    """The survivor claims for both (R16); the voucher stays with the record that it was offered to (A4)."""
    old, survivor = await scenario.person(), await scenario.person()
    batch = await scenario.batch(kind=BatchKind.TARGETED, quantity=1, holders=[old])
    await scenario.merge(old, survivor)
    answers = await scenario.claim(batch, old, survivor)
    assert outcomes(answers) == ["not_eligible", "claimed"]
    assert isinstance(answers[1], Voucher)
    assert answers[1].person_id == old


async def test_a_held_offer_waits(scenario: Scenario) -> None:
    person = await scenario.person()
    batch = await scenario.batch(kind=BatchKind.TARGETED, quantity=1, holders=[person])
    async with scenario.database.api.engine.connect() as connection:
        offer: UUID = (await connection.execute(text("SELECT id FROM vouchers"))).scalar_one()
    async with scenario.database.api.unit_of_work() as uow:
        hold = await place_hold(uow, offer, "audit", uuid4())
    assert outcomes(await scenario.claim(batch, person)) == ["held"]
    async with scenario.database.api.unit_of_work() as uow:
        await lift_hold(uow, offer, hold.id, uuid4())
    assert outcomes(await scenario.claim(batch, person)) == ["claimed"]
