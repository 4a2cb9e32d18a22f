"""Eligibility as a pure function: every rule alone, all of them together, and that unknown never passes."""

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.voucher.eligibility.domain import (
    Audience,
    EligibilityFacts,
    EligibilityRules,
    EligibilityUndecided,
    NotEligible,
    Verdict,
    Wish,
    check_eligible,
    judge,
    judge_answer,
    occasion_of,
)
from services.voucher.evidence.domain import Evidence, FiscalPayroll, Pension, Training
from tests.voucher.facts import CLAIMED

TODAY = date(2026, 11, 23)


RULES = EligibilityRules(
    min_age_years=16,
    max_age_years=59,
    trainings_per_year=3,
    extract_valid_days=365,
    outside_benefits_asked=False,
    review_window_days=60,
)


COOK = "4-03-02-01"
WELDER = "SO-02-01"


WISH = Wish(COOK, 4, 2026, "first", Audience(frozenset({"410402"}), frozenset()))


def person_like(**said: Any) -> EligibilityFacts:
    """Somebody who is eligible, some of it said otherwise. `trainings` are those that other offices paid."""
    usual: dict[str, Any] = {"person_id": uuid4(), "age_years": 40, "area": "410402", "superseded": False}
    usual |= {"pension": Pension.NOT_DRAWN, "fiscal_payroll": FiscalPayroll.OFF, "extract_as_of": TODAY}
    facts = usual | said
    facts["outside_benefits"] = facts.pop("trainings", ())
    recorded = {field.name: facts.pop(field.name) for field in fields(Evidence) if field.name in facts}
    return EligibilityFacts(**facts, evidence=Evidence(**recorded))


def codes(person: EligibilityFacts, wish: Wish = WISH, rules: EligibilityRules = RULES) -> list[str]:
    """The codes of the reasons against."""
    return judge(person, wish, rules, TODAY).codes


@pytest.mark.parametrize(
    ("age_years", "pension", "expected"),
    [
        (15, Pension.NOT_DRAWN, ["age_below_minimum"]),
        (16, Pension.UNKNOWN, []),
        (59, Pension.UNKNOWN, []),
        (60, Pension.NOT_DRAWN, []),
        (60, Pension.DRAWN, ["pension_drawn"]),
        (60, Pension.UNKNOWN, ["pension_unknown"]),
    ],
)
def test_age_and_pension(age_years: int, pension: Pension, expected: list[str]) -> None:
    """D16: 16-59, or over if not drawing a pension."""
    assert codes(person_like(age_years=age_years, pension=pension)) == expected


@pytest.mark.parametrize(
    ("payroll", "expected"),
    [
        (FiscalPayroll.OFF, []),
        (FiscalPayroll.ON, ["on_fiscal_payroll"]),
        (FiscalPayroll.UNKNOWN, ["fiscal_payroll_unknown"]),
    ],
)
def test_fiscal_payroll(payroll: FiscalPayroll, expected: list[str]) -> None:
    assert codes(person_like(fiscal_payroll=payroll)) == expected


def test_an_old_extract_says_nothing() -> None:
    old = person_like(extract_as_of=TODAY - timedelta(days=366), age_years=61)
    assert codes(old) == ["pension_unknown", "fiscal_payroll_unknown"]
    assert codes(person_like(extract_as_of=TODAY - timedelta(days=365))) == []


def test_once_per_person_skill_and_level() -> None:
    """A13, whoever paid it."""
    taken = person_like(trainings=(Training(COOK, 4, 2020),))
    assert codes(taken) == ["benefit_taken"]
    assert codes(taken, replace(WISH, level=3)) == []
    assert codes(taken, replace(WISH, skill_code="4-03-02-02")) == []


@pytest.mark.parametrize(
    ("due", "occasion", "expected"),
    [
        (TODAY + timedelta(days=61), f"review:{TODAY + timedelta(days=61)}", ["review_not_due"]),
        (TODAY + timedelta(days=60), f"review:{TODAY + timedelta(days=60)}", []),
        (TODAY - timedelta(days=60), f"review:{TODAY - timedelta(days=60)}", []),
        (TODAY - timedelta(days=61), "first", ["benefit_taken"]),
    ],
)
def test_each_review_of_a_permit_is_a_benefit_of_its_own(due: date, occasion: str, expected: list[str]) -> None:
    """R7: the first permit was paid; its review may be, around the day on which it is due."""
    holder = person_like(trainings=(Training(WELDER, 0, 2020),), reviews_due={WELDER: due})
    assert occasion_of(holder, WELDER, RULES, TODAY) == occasion
    review = replace(WISH, skill_code=WELDER, level=0, occasion=occasion)
    assert codes(holder, review) == expected
    taken = Training(WELDER, 0, 2026, occasion=occasion)
    assert "benefit_taken" in codes(person_like(trainings=(taken,), reviews_due={WELDER: due}), review)


def test_who_holds_no_permit_claims_a_first_one() -> None:
    assert occasion_of(person_like(reviews_due={WELDER: TODAY}), COOK, RULES, TODAY) == "first"


def test_no_lower_level_after_a_higher_one() -> None:
    """D7; level 0 takes no part, and a certificate counts as much as a training."""
    trained, certified = (
        person_like(trainings=(Training(COOK, 3, 2020),)),
        person_like(levels_held=frozenset({(COOK, 3)})),
    )
    for person in (trained, certified):
        assert codes(person) == ["higher_level_held"]
        assert codes(person, replace(WISH, level=2)) == []
    assert codes(person_like(levels_held=frozenset({(COOK, 4)}))) == []
    assert codes(person_like(trainings=(Training(COOK, 0, 2020),))) == []


def test_three_trainings_a_year() -> None:
    """D8, counted in the year of the claim."""
    three = tuple(Training(skill, 5, 2026) for skill in ("4-03-02-02", "4-03-02-03", "4-03-02-04"))
    assert codes(person_like(trainings=three)) == ["yearly_limit_reached"]
    assert codes(person_like(trainings=three), replace(WISH, year=2027)) == []
    assert codes(person_like(trainings=three[:2])) == []


def test_a_voucher_is_no_second_benefit_of_its_own() -> None:
    person = person_like(vouchers=(CLAIMED,))
    assert codes(person, replace(WISH, voucher_id=CLAIMED.voucher_id)) == []
    assert codes(person, replace(WISH, voucher_id=uuid4())) == ["benefit_taken"]


def test_audience_and_area_are_asked_at_the_claim_alone() -> None:
    veterans = replace(WISH, audience=Audience(frozenset({"410421"}), frozenset({"veteran"})))
    superseded = person_like(superseded=True)
    assert codes(superseded, veterans) == ["person_superseded", "not_in_audience", "area_outside_batch"]
    assert codes(superseded, replace(WISH, audience=None)) == []
    whole_city = replace(WISH, audience=Audience(frozenset({"410400"}), frozenset({"veteran", "disabled"})))
    assert codes(person_like(groups=frozenset({"disabled"})), whole_city) == []


def test_the_unemployment_insurance_office_once_it_answers() -> None:
    """A13: a switch with a date; then an unknown answer passes no claim."""
    asked = replace(RULES, outside_benefits_asked=True)
    assert codes(person_like(), rules=asked) == ["outside_benefits_unknown"]
    assert codes(person_like(outside_benefits_known=True), rules=asked) == []


def test_a_certain_no_outweighs_what_is_unknown() -> None:
    judgement = judge(person_like(age_years=15, fiscal_payroll=FiscalPayroll.UNKNOWN), WISH, RULES, TODAY)
    assert judgement.verdict is Verdict.INELIGIBLE
    with pytest.raises(NotEligible, match="age_below_minimum"):
        check_eligible(judgement)


def test_inputs_name_groups_by_evidence_only() -> None:
    evidence = uuid4()
    person = person_like(groups=frozenset({"rehabilitation"}), group_evidence=(evidence,))
    inputs = judge(person, WISH, RULES, TODAY).inputs
    assert inputs["group_evidence"] == [str(evidence)]
    assert "rehabilitation" not in str(inputs)


TRAININGS = st.builds(Training, st.sampled_from([COOK, "4-03-02-02"]), st.integers(0, 5), st.integers(2024, 2026))


PEOPLE = st.builds(
    person_like,
    age_years=st.integers(10, 90),
    area=st.sampled_from(["410402", "410421"]),
    superseded=st.booleans(),
    pension=st.sampled_from(Pension),
    fiscal_payroll=st.sampled_from(FiscalPayroll),
    outside_benefits_known=st.booleans(),
    extract_as_of=st.none() | st.dates(TODAY - timedelta(days=800), TODAY),
    groups=st.frozensets(st.sampled_from(["veteran", "disabled"])),
    trainings=st.lists(TRAININGS, max_size=5).map(tuple),
)


ALL_RULES = st.builds(
    EligibilityRules, st.just(16), st.just(59), st.integers(1, 4), st.sampled_from([30, 365]), st.booleans()
)


@given(PEOPLE, ALL_RULES)
def test_only_what_is_known_passes(person: EligibilityFacts, rules: EligibilityRules) -> None:
    """Whatever the facts: eligible means that every register that counts has answered, and answered yes."""
    judgement = judge(person, WISH, rules, TODAY)
    said = person.evidence
    fresh = said.extract_as_of is not None and (TODAY - said.extract_as_of).days <= rules.extract_valid_days
    if judgement.verdict is Verdict.ELIGIBLE:
        assert fresh
        assert said.fiscal_payroll is FiscalPayroll.OFF
        assert person.age_years >= 16
        assert person.age_years <= 59 or said.pension is Pension.NOT_DRAWN
        assert (COOK, 4) not in {(training.skill_code, training.level) for training in person.trainings}
        check_eligible(judgement)
    else:
        assert judgement.reasons
        with pytest.raises((NotEligible, EligibilityUndecided)):
            check_eligible(judgement)


@given(PEOPLE, ALL_RULES)
def test_forgetting_never_makes_anybody_eligible(person: EligibilityFacts, rules: EligibilityRules) -> None:
    """Taking an answer away turns no other verdict into eligible."""
    before = judge(person, WISH, rules, TODAY).verdict
    nothing: dict[str, Any] = {"pension": Pension.UNKNOWN, "fiscal_payroll": FiscalPayroll.UNKNOWN}
    evidence = replace(person.evidence, outside_benefits_known=False, **nothing)
    forgotten = replace(person, evidence=evidence)
    after = judge(forgotten, WISH, rules, TODAY).verdict
    assert after is not Verdict.ELIGIBLE or before is Verdict.ELIGIBLE


def test_an_answer_after_the_certification_asks_what_registers_know_and_not_what_its_holder_did_since() -> None:
    person = person_like(levels_held=frozenset({(COOK, 3)}))
    assert codes(person) == ["higher_level_held"]
    assert judge_answer(person, WISH, RULES, TODAY).codes == []
    elsewhere = person_like(trainings=(Training(WISH.skill_code, WISH.level, TODAY.year),))
    assert judge_answer(elsewhere, WISH, RULES, TODAY).codes == ["benefit_taken"]
    assert judge_answer(person_like(fiscal_payroll=FiscalPayroll.ON), WISH, RULES, TODAY).codes == ["on_fiscal_payroll"]
