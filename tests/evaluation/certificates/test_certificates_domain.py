"""Kinds and numbers of certificates, and what can be said of one that is shown."""

from datetime import date
from uuid import uuid4

import pytest

from services.evaluation.bodies.domain import (
    BodyKind,
)
from services.evaluation.certificates.domain import (
    CertificateKind,
    CertificateRevocationNotProposed,
    CertificateRevocationSameOfficer,
    PermitDays,
    PermitNumberNotPublic,
    Verdict,
    check_second_officer,
    first_days,
    kind_of_certificate,
    last_day,
    number_of,
    number_series,
    read_number,
    reviewed_days,
    verification_of,
)
from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.ids import parse_certificate_number
from shared.reference.skills import SkillKind
from tests.evaluation.samples import RULES, session

Kind = CertificateKind
CITIZEN_ID = make_citizen_id("410402", date(1990, 5, 17), 3)


@pytest.mark.parametrize(
    ("skill", "body", "kind"),
    [
        (SkillKind.OCCUPATION, BodyKind.EMPLOYER, Kind.SKILL_LEVEL),
        (SkillKind.OCCUPATION, BodyKind.SCHOOL, Kind.SKILL_LEVEL),
        (SkillKind.OCCUPATION, BodyKind.SOCIAL, Kind.SKILL_LEVEL),
        (SkillKind.OCCUPATION, BodyKind.GOVERNMENT, Kind.VOCATIONAL_QUALIFICATION),
        (SkillKind.SPECIFIC_COMPETENCE, BodyKind.SOCIAL, Kind.SPECIFIC_COMPETENCE),
        (SkillKind.SPECIAL_OPERATION, BodyKind.GOVERNMENT, Kind.SPECIAL_OPERATION),
        (SkillKind.SPECIAL_EQUIPMENT, BodyKind.GOVERNMENT, Kind.SPECIAL_EQUIPMENT),
    ],
)
def test_which_kind_is_issued(skill: SkillKind, body: BodyKind, kind: Kind) -> None:
    assert kind_of_certificate(skill, body) is kind


@pytest.mark.parametrize(("body", "letter"), [(BodyKind.EMPLOYER, "Y"), (BodyKind.SCHOOL, "S"), (BodyKind.SOCIAL, "S")])
def test_a_skill_level_number_has_22_characters(body: BodyKind, letter: str) -> None:
    issuing = session(body, level=3)
    number = number_of(Kind.SKILL_LEVEL, issuing, 2026, 42)
    assert number == f"{letter}0A0141000007263000042"
    assert len(number) == 22
    assert str(parse_certificate_number(number)) == number
    assert number.startswith(number_series(Kind.SKILL_LEVEL, issuing, 2026).prefix)


def test_a_qualification_number_has_16_digits() -> None:
    number = number_of(Kind.VOCATIONAL_QUALIFICATION, session(BodyKind.GOVERNMENT, level=3), 2026, 42)
    assert number.isdecimal()
    assert len(number) == 16


@pytest.mark.parametrize("kind", [Kind.SPECIFIC_COMPETENCE, Kind.SPECIAL_OPERATION, Kind.SPECIAL_EQUIPMENT])
def test_other_numbers_are_public_ones(kind: Kind) -> None:
    number = number_of(kind, session(level=0), 2026, 42)
    assert read_number(f" {number.lower()} ") == number
    damaged = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert read_number(damaged) is None


@pytest.mark.parametrize("number", [CITIZEN_ID, f"T{CITIZEN_ID}", CITIZEN_ID.lower(), " ".join(CITIZEN_ID)])
def test_nobody_can_ask_who_holds_a_permit(number: str) -> None:
    with pytest.raises(PermitNumberNotPublic) as raised:
        read_number(number)
    assert CITIZEN_ID not in str(raised.value)


def test_what_can_be_read_as_a_number() -> None:
    assert read_number("S0A0141000007263000042") == "S0A0141000007263000042"
    assert read_number("X0A0141000007263000042") is None
    assert read_number("豫ZX-77") == "豫ZX-77"
    assert read_number("  ") is None


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (None, Verdict.NOT_FOUND_YET),
        ("imported", Verdict.NOT_FOUND_YET),
        *((status, Verdict.VERIFIED) for status in ("valid", "suspended", "revoked", "expired", "superseded")),
    ],
)
def test_verification_has_three_values(status: str | None, verdict: Verdict) -> None:
    answer = verification_of(status)
    assert (answer.verdict, answer.status) == (verdict, status)


def test_the_last_day_of_a_permit() -> None:
    assert last_day(date(2026, 5, 20), 6) == date(2032, 5, 19)
    assert last_day(date(2028, 2, 29), 6) == date(2034, 2, 28)
    issued_on = date(2026, 5, 20)
    assert first_days(Kind.SPECIAL_OPERATION, issued_on, RULES) == PermitDays(date(2032, 5, 19), date(2029, 5, 19))
    assert first_days(Kind.SPECIAL_EQUIPMENT, issued_on, RULES) == PermitDays(date(2030, 5, 19), date(2030, 5, 19))
    assert first_days(Kind.SKILL_LEVEL, issued_on, RULES) == PermitDays()


def test_two_officers_revoke() -> None:
    officer, other = uuid4(), uuid4()
    check_second_officer(officer, other)
    with pytest.raises(CertificateRevocationSameOfficer):
        check_second_officer(officer, officer)
    with pytest.raises(CertificateRevocationNotProposed):
        check_second_officer(None, officer)


def test_a_review_counts_on_from_the_day_on_which_it_was_due() -> None:
    until, due = date(2032, 2, 29), date(2029, 2, 28)
    operation, equipment = Kind.SPECIAL_OPERATION, Kind.SPECIAL_EQUIPMENT
    assert reviewed_days(operation, until, due, RULES) == PermitDays(until, date(2032, 2, 29))
    assert reviewed_days(operation, until, until, RULES) == PermitDays(date(2038, 2, 28), date(2035, 2, 28))
    assert reviewed_days(equipment, due, due, RULES) == PermitDays(date(2033, 2, 28), date(2033, 2, 28))
    assert reviewed_days(operation, None, due, RULES).valid_until is None
