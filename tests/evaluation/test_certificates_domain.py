"""Kinds and numbers of certificates, and what can be said of one that is shown."""

from datetime import date
from uuid import uuid4

import pytest

from services.evaluation.bodies.domain import BodyKind
from services.evaluation.certificates.domain import (
    CertificateKind,
    Issuer,
    PermitNumberNotPublic,
    RevocationBySameOfficer,
    RevocationNotProposed,
    Verdict,
    certificate_number_of,
    check_second_officer,
    kind_of_certificate,
    last_day,
    number_series,
    read_number,
    verification_of,
)
from services.evaluation.recognitions.domain import (
    RecognitionBySameOfficer,
    RecognitionDatesWrong,
    RecognitionKindDiffers,
    canonical_number,
    channel_of,
    check_act,
    check_completion,
    check_dates,
    check_kind,
    check_verifier,
    permit_holder_number,
)
from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.errors import Invalid
from shared.kernel.ids import parse_certificate_number
from shared.reference.skills import SkillKind

Kind = CertificateKind
CITIZEN_ID = make_citizen_id("410402", date(1990, 5, 17), 3)
ISSUER = Issuer(BodyKind.SOCIAL, "0A01", "000007")


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
    issuer = Issuer(body, "0A01", "000007")
    number = certificate_number_of(Kind.SKILL_LEVEL, issuer, 2026, 3, 42)
    assert number == f"{letter}0A0141000007263000042"
    assert len(number) == 22
    assert str(parse_certificate_number(number)) == number
    assert number.startswith(number_series(Kind.SKILL_LEVEL, issuer, 2026, 3).prefix)


def test_a_qualification_number_has_16_digits() -> None:
    number = certificate_number_of(Kind.VOCATIONAL_QUALIFICATION, ISSUER, 2026, 3, 42)
    assert number.isdecimal()
    assert len(number) == 16


@pytest.mark.parametrize("kind", [Kind.SPECIFIC_COMPETENCE, Kind.SPECIAL_OPERATION, Kind.SPECIAL_EQUIPMENT])
def test_other_numbers_are_public_ones(kind: Kind) -> None:
    number = certificate_number_of(kind, ISSUER, 2026, 0, 42)
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


def test_two_officers_revoke() -> None:
    one, other = uuid4(), uuid4()
    check_second_officer(one, other)
    with pytest.raises(RevocationBySameOfficer):
        check_second_officer(one, one)
    with pytest.raises(RevocationNotProposed):
        check_second_officer(None, one)


@pytest.mark.parametrize(
    ("kind", "skill", "fits"),
    [
        (Kind.SKILL_LEVEL, SkillKind.OCCUPATION, True),
        (Kind.VOCATIONAL_QUALIFICATION, SkillKind.OCCUPATION, True),
        (Kind.SPECIAL_OPERATION, SkillKind.SPECIAL_OPERATION, True),
        (Kind.SPECIAL_OPERATION, SkillKind.SPECIAL_EQUIPMENT, False),
        (Kind.SPECIFIC_COMPETENCE, SkillKind.OCCUPATION, False),
        (Kind.SKILL_LEVEL, SkillKind.SPECIFIC_COMPETENCE, False),
    ],
)
def test_kind_and_skill_fit(kind: Kind, skill: SkillKind, *, fits: bool) -> None:
    if fits:
        check_kind(kind, skill)
    else:
        with pytest.raises(RecognitionKindDiffers):
            check_kind(kind, skill)


def test_only_permits_are_reviewed_and_run_out() -> None:
    check_act(Kind.SPECIAL_OPERATION, "review", date(2030, 1, 1))
    check_act(Kind.SKILL_LEVEL, "first", None)
    for act, until in (("review", None), ("first", date(2030, 1, 1))):
        with pytest.raises(RecognitionKindDiffers):
            check_act(Kind.SKILL_LEVEL, act, until)


def test_dates_follow_each_other() -> None:
    days = [date(2026, 1, day) for day in (1, 2, 3, 4)]
    check_dates(*days)
    check_dates(None, *days[1:])
    check_dates(*[days[0]] * 4)
    for wrong in ([1, 0, 2, 3], [0, 2, 1, 3], [0, 1, 3, 2]):
        with pytest.raises(RecognitionDatesWrong):
            check_dates(*[days[index] for index in wrong])
    check_completion(days[0], None, days[0])
    with pytest.raises(RecognitionDatesWrong):
        check_completion(days[1], days[0], days[2])


def test_numbers_from_elsewhere_are_made_canonical() -> None:
    day = date(2024, 3, 1)
    assert canonical_number(Kind.SKILL_LEVEL, "s000141000001244000009", day, 4) == "S000141000001244000009"
    assert canonical_number(Kind.VOCATIONAL_QUALIFICATION, "2410 0000 0144 0009", day, 4) == "2410000001440009"
    assert canonical_number(Kind.SPECIAL_OPERATION, f"t{CITIZEN_ID.lower()}", day, 0) == f"T{CITIZEN_ID}"
    assert canonical_number(Kind.SPECIAL_EQUIPMENT, CITIZEN_ID, day, 0) == CITIZEN_ID
    assert canonical_number(Kind.SPECIFIC_COMPETENCE, "zx-7 7", day, 0) == "ZX-77"
    assert permit_holder_number(f"T{CITIZEN_ID}") == CITIZEN_ID
    for kind, number in (
        (Kind.SKILL_LEVEL, "S000141000001254000009"),
        (Kind.SKILL_LEVEL, "S000111000001244000009"),
        (Kind.VOCATIONAL_QUALIFICATION, "241000000144000"),
        (Kind.SPECIAL_OPERATION, CITIZEN_ID[:-2] + "00"),
        (Kind.SPECIFIC_COMPETENCE, "专项 一号"),
        (Kind.SPECIFIC_COMPETENCE, CITIZEN_ID),
    ):
        with pytest.raises(Invalid) as raised:
            canonical_number(kind, number, day, 4)
        assert number not in str(raised.value)


def test_a_certificate_counts_for_one_channel() -> None:
    assert channel_of("school", BodyKind.SOCIAL) == "school"
    assert [channel_of(None, kind) for kind in BodyKind] == ["enterprise", "school", "social", "social"]


def test_who_records_does_not_verify() -> None:
    one = uuid4()
    check_verifier(one, uuid4())
    with pytest.raises(RecognitionBySameOfficer):
        check_verifier(one, one)
