"""An insider with a password of Kafka, or with one service's key, puts events of their own beside the real ones."""

from dataclasses import replace
from uuid import uuid4

import pytest

from services.payout.payouts.domain import PayoutState
from services.payout.reviews.service import approve_payouts
from shared.contracts.evaluation import CertificateReinstatedV1
from tests.attacks.stream import Stream, forged, history, revoked
from tests.keys import record_of
from tests.payout.scenario import OTHER_SCHOOL, Case, Scenario, codes, decide
from tests.payout.steps import advance

CONTRADICTIONS: tuple[dict[str, object], ...] = (
    {"payee_id": OTHER_SCHOOL},
    {"programme": "other"},
    {"fund_source": "private_purse"},
    {"person_id": uuid4()},
    {"institution": OTHER_SCHOOL},
    {"mandate_id": uuid4()},
    {"class_area": "410404"},
)


@pytest.mark.parametrize("by", [None, "training", "evaluation", "payout"])
async def test_a_copied_certified_of_another_voucher_opens_nothing(scenario: Scenario, by: str | None) -> None:
    """It was opened and paid: another programme and payee, under a new id."""
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    claimed, bound, certified = history(scenario, case)
    real, stolen = record_of(certified), uuid4()
    await stream.bring(scenario.issued(case), claimed, bound, real)
    forgery = forged(real, by=by, id=stolen, payee_id=OTHER_SCHOOL, programme="enterprise_training")
    await stream.bring(forgery)
    assert await stream.parked() == ["event_signature_invalid"]
    assert await scenario.payouts_of(replace(case, voucher_id=stolen)) == []
    assert (await scenario.payout_of(case)).payee_id == case.payee_id


async def test_a_forged_certified_that_is_first_by_a_moment_does_not_pass_for_the_real_one(scenario: Scenario) -> None:
    """It won five times of five, and the real one was dropped as a duplicate."""
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    claimed, bound, certified = history(scenario, case)
    real = record_of(certified)
    await stream.bring(scenario.issued(case), claimed, bound, forged(real, payee_id=OTHER_SCHOOL), real)
    assert await stream.parked() == ["event_signature_invalid", "behind_parked"]
    assert await scenario.payouts_of(case) == []


async def test_who_holds_vouchers_own_key_contradicts_what_voucher_said_before(scenario: Scenario) -> None:
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    claimed, bound, certified = history(scenario, case)
    real = record_of(certified)
    await stream.bring(scenario.issued(case), claimed, bound)
    for changes in CONTRADICTIONS:
        other = Case()
        *before, said = history(scenario, other)
        await stream.bring(scenario.issued(other), *before, forged(record_of(said), by="voucher", **changes))
        assert await scenario.payouts_of(other) == []
    assert await stream.parked() == ["voucher_facts_contradict"] * len(CONTRADICTIONS)
    await stream.bring(real)
    assert (await scenario.payout_of(case)).payee_id == case.payee_id


@pytest.mark.parametrize("by", [None, "evaluation"])
async def test_a_forged_version_before_the_real_revocation_holds_the_money(scenario: Scenario, by: str | None) -> None:
    """By nobody's key it parks; by evaluation's own it is applied, and then the real one contradicts it."""
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    await stream.bring(scenario.issued(case), scenario.verified(case), *history(scenario, case))
    (reviewed,) = await advance(scenario, PayoutState.REVIEWED, await scenario.payout_of(case))
    real = revoked(scenario, case)
    reinstated = CertificateReinstatedV1.model_validate(real.model_dump())
    await stream.bring(forged(record_of(reinstated), by=by), real)
    expected = ["event_contradicts_applied"] if by else ["event_signature_invalid", "behind_parked"]
    assert await stream.parked() == expected
    assert codes(await decide(scenario, approve_payouts, scenario.approver, reviewed)) == ["facts_incomplete"]


async def test_a_real_event_of_another_service_on_a_topic_that_is_not_its_own_parks(scenario: Scenario) -> None:
    await scenario.begin()
    stream, case = Stream(scenario), Case()
    await stream.bring(replace(record_of(scenario.issued(case)), topic="skill-voucher.voucher"))
    assert await stream.parked() == ["event_of_another_topic"]
