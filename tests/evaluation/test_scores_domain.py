"""Marks: parts, pass marks, and how two assessors come to one version."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.results.domain import flags_of
from services.evaluation.rules.domain import RuleMissing, RuleName, Rules
from services.evaluation.scores.domain import (
    CandidateNotScorable,
    Marks,
    MarksIncomplete,
    Part,
    Sheet,
    Signing,
    check_complete,
    decide_signing,
    passes,
    required_parts,
)
from shared.reference.skills import SkillKind

FIRST, SECOND = uuid4(), uuid4()
RULES = Rules(
    date(2026, 5, 1),
    {
        RuleName.LEAST_THEORY: 60, RuleName.LEAST_PRACTICE: 60, RuleName.LEAST_REVIEW: 60,
        RuleName.FLAG_RATE: 98, RuleName.FLAG_RATE_FROM: 20, RuleName.FLAG_ASSESSOR_DAY: 120,
    },
)  # fmt: skip
A, B = Marks(70, 70, None), Marks(71, 70, None)


@pytest.mark.parametrize(
    ("kind", "level", "parts"),
    [
        (SkillKind.SPECIFIC_COMPETENCE, 0, (Part.PRACTICE,)),
        (SkillKind.SPECIAL_OPERATION, 0, (Part.THEORY, Part.PRACTICE)),
        (SkillKind.SPECIAL_EQUIPMENT, 0, (Part.THEORY, Part.PRACTICE)),
        *((SkillKind.OCCUPATION, level, (Part.THEORY, Part.PRACTICE)) for level in (5, 4, 3)),
        *((SkillKind.OCCUPATION, level, (Part.THEORY, Part.PRACTICE, Part.REVIEW)) for level in (2, 1)),
    ],
)
def test_which_parts_count(kind: SkillKind, level: int, parts: tuple[Part, ...]) -> None:
    assert required_parts(kind, level) == parts


@given(st.tuples(*[st.one_of(st.none(), st.integers(0, 100))] * 3), st.sets(st.sampled_from(Part), min_size=1))
def test_every_part_that_counts_must_reach_its_mark(points: tuple[int | None, ...], parts: set[Part]) -> None:
    marks = Marks(*points)
    expected = all((marks.of(part) or 0) >= 60 for part in parts)
    assert passes(marks, sorted(parts), RULES) is expected


def test_a_part_without_mark_is_refused() -> None:
    with pytest.raises(MarksIncomplete, match="review"):
        check_complete(A, (Part.THEORY, Part.PRACTICE, Part.REVIEW))
    check_complete(Marks(None, 0, None), (Part.PRACTICE,))


def test_the_first_signature_makes_version_1() -> None:
    assert decide_signing("admitted", None, [], A, FIRST) == Signing(1, new=True, agreed=False)


def test_the_other_assessor_agrees_by_the_same_marks() -> None:
    assert decide_signing("sat", None, [Sheet(1, A, FIRST)], A, SECOND) == Signing(1, new=True, agreed=True)


def test_other_marks_make_a_version_that_the_other_must_sign() -> None:
    sheets = [Sheet(1, A, FIRST)]
    assert decide_signing("sat", None, sheets, B, SECOND) == Signing(2, new=True, agreed=False)
    sheets.append(Sheet(2, B, SECOND))
    assert decide_signing("sat", None, sheets, B, FIRST) == Signing(2, new=True, agreed=True)
    assert decide_signing("sat", None, sheets, A, FIRST) == Signing(3, new=True, agreed=False)


def test_signing_twice_changes_nothing() -> None:
    assert decide_signing("sat", None, [Sheet(1, A, FIRST)], A, FIRST) == Signing(1, new=False, agreed=False)


def test_an_appeal_is_marked_anew_even_with_the_same_points() -> None:
    agreed = [Sheet(1, A, FIRST), Sheet(1, A, SECOND)]
    assert decide_signing("appealed", 1, agreed, A, FIRST) == Signing(2, new=True, agreed=False)
    again = [*agreed, Sheet(2, A, FIRST)]
    assert decide_signing("appealed", 1, again, A, SECOND) == Signing(2, new=True, agreed=True)


@pytest.mark.parametrize("state", ["scored", "passed", "failed", "absent", "voided"])
def test_nobody_else_is_scored(state: str) -> None:
    with pytest.raises(CandidateNotScorable):
        decide_signing(state, None, [], A, FIRST)


@given(st.lists(st.tuples(st.sampled_from([FIRST, SECOND]), st.sampled_from([A, B])), max_size=12))
def test_agreement_is_two_people_under_the_same_marks(posts: list[tuple[object, Marks]]) -> None:
    sheets: list[Sheet] = []
    for who, marks in posts:
        signing = decide_signing("sat", None, sheets, marks, who)  # type: ignore[arg-type]  # strategies lose the type
        if signing.new:
            sheets.append(Sheet(signing.version, marks, who))  # type: ignore[arg-type]  # strategies lose the type
        of_version = [sheet for sheet in sheets if sheet.version == signing.version]
        assert len({sheet.marks for sheet in of_version}) == 1
        assert len({sheet.assessor_id for sheet in of_version}) == len(of_version)
        assert signing.agreed == (len(of_version) == 2)
        if signing.agreed:
            return


def test_flags_speak_of_rate_and_volume() -> None:
    assert flags_of(20, 19, 120, RULES) == []
    assert flags_of(20, 20, 120, RULES) == ["pass_rate_unlikely"]
    assert flags_of(100, 98, 0, RULES) == ["pass_rate_unlikely"]
    assert flags_of(19, 19, 0, RULES) == []
    assert flags_of(0, 0, 121, RULES) == ["assessor_volume_unlikely"]


def test_a_rule_that_is_not_there_is_said_so() -> None:
    with pytest.raises(RuleMissing, match="resits_count"):
        RULES[RuleName.RESITS]
