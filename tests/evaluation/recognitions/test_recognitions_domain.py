"""What an import must agree with: kind, dates, number, channel, a second officer."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.evaluation.bodies.domain import (
    BodyKind,
)
from services.evaluation.certificates.domain import (
    CertificateKind,
)
from services.evaluation.recognitions.domain import (
    OutsideCertificate,
    RecognitionBasis,
    RecognitionDatesWrong,
    RecognitionKindDiffers,
    RecognitionSameOfficer,
    ReviewedDueOnMissing,
    canonical_number,
    channel_of,
    check_act,
    check_completion,
    check_dates,
    check_kind,
    check_verifier,
    next_review,
    permit_holder_number,
)
from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.errors import Invalid
from shared.reference.skills import SkillKind
from tests.evaluation.samples import RULES

Kind = CertificateKind
CITIZEN_ID = make_citizen_id("410402", date(1990, 5, 17), 3)
PERMIT = OutsideCertificate(
    person_id=uuid4(), kind=Kind.SPECIAL_OPERATION, skill_code="SO-01-01", level=0, act="first", number="T",
    body="91410402000001230R", body_kind=BodyKind.GOVERNMENT, assessed_on=None, issued_on=date(2024, 3, 9),
    valid_until=None, reviewed_due_on=None, review_due_on=None, enrolment_id=None, basis=RecognitionBasis.IMPORT,
    source="省平台", evidence_digest="ab" * 32, decided_on=date(2024, 4, 1),
)  # fmt: skip


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
    day = date(2030, 1, 1)
    check_act(replace(PERMIT, act="review", valid_until=day, reviewed_due_on=day))
    check_act(replace(PERMIT, kind=Kind.SKILL_LEVEL))
    for other in ({"act": "review"}, {"valid_until": day}, {"review_due_on": day}, {"reviewed_due_on": day}):
        with pytest.raises(RecognitionKindDiffers):
            check_act(replace(PERMIT, kind=Kind.SKILL_LEVEL, **other))


def test_a_review_and_nothing_else_says_when_it_was_due() -> None:
    for other in ({"act": "review"}, {"reviewed_due_on": date(2030, 1, 1)}):
        with pytest.raises(ReviewedDueOnMissing):
            check_act(replace(PERMIT, **other))


@pytest.mark.parametrize(
    ("other", "due"),
    [
        ({}, date(2027, 3, 8)),
        ({"kind": Kind.SPECIAL_EQUIPMENT}, date(2028, 3, 8)),
        ({"valid_until": date(2026, 1, 31)}, date(2026, 1, 31)),
        ({"review_due_on": date(2026, 5, 5)}, date(2026, 5, 5)),
        ({"act": "review", "reviewed_due_on": date(2024, 2, 29)}, date(2027, 2, 28)),
        ({"kind": Kind.SKILL_LEVEL}, None),
    ],
)
def test_the_next_review_of_a_permit_from_elsewhere(other: dict[str, Any], due: date | None) -> None:
    assert next_review(replace(PERMIT, **other), RULES) == due


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
    officer = uuid4()
    check_verifier(officer, uuid4())
    with pytest.raises(RecognitionSameOfficer):
        check_verifier(officer, officer)
