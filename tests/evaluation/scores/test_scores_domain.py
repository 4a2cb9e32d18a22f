"""Scores: parts, pass marks, and how two assessors come to one version."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.scores.domain import (
    CandidateNotScorable,
    Part,
    Scores,
    ScoresIncomplete,
    Sheet,
    Signing,
    check_complete,
    decide_signing,
    passes,
    required_parts,
)
from shared.reference.skills import SkillKind
from tests.evaluation.samples import RULES

FIRST, SECOND = uuid4(), uuid4()
A, B = Scores(70, 70, None), Scores(71, 70, None)


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


@given(
    st.tuples(*[st.one_of(st.none(), st.integers(0, 100))] * 3),
    st.sampled_from([(SkillKind.OCCUPATION, level) for level in range(1, 6)] + [(SkillKind.SPECIFIC_COMPETENCE, 0)]),
)
def test_every_part_that_counts_must_reach_its_pass_mark(
    points: tuple[int | None, ...], skill: tuple[SkillKind, int]
) -> None:
    scores = Scores(*points)
    expected = all((scores.of(part) or 0) >= 60 for part in required_parts(*skill))
    assert passes(scores, *skill, RULES) is expected


@pytest.mark.parametrize(
    ("kind", "mark"),
    [(SkillKind.SPECIAL_OPERATION, 80), (SkillKind.SPECIAL_EQUIPMENT, 70), (SkillKind.SPECIFIC_COMPETENCE, 60)],
)
def test_permits_have_pass_marks_of_their_own(kind: SkillKind, mark: int) -> None:
    assert passes(Scores(mark, mark, None), kind, 0, RULES)
    assert not passes(Scores(mark, mark - 1, None), kind, 0, RULES)


def test_a_part_without_score_is_refused() -> None:
    with pytest.raises(ScoresIncomplete, match="review"):
        check_complete(A, (Part.THEORY, Part.PRACTICE, Part.REVIEW))
    check_complete(Scores(None, 0, None), (Part.PRACTICE,))


def test_the_first_signature_makes_version_1() -> None:
    assert decide_signing("admitted", None, [], A, FIRST) == Signing(1, new=True, agreed=False)


def test_the_other_assessor_agrees_by_the_same_scores() -> None:
    assert decide_signing("sat", None, [Sheet(1, A, FIRST)], A, SECOND) == Signing(1, new=True, agreed=True)


def test_other_scores_make_a_version_that_the_other_must_sign() -> None:
    sheets = [Sheet(1, A, FIRST)]
    assert decide_signing("sat", None, sheets, B, SECOND) == Signing(2, new=True, agreed=False)
    sheets.append(Sheet(2, B, SECOND))
    assert decide_signing("sat", None, sheets, B, FIRST) == Signing(2, new=True, agreed=True)
    assert decide_signing("sat", None, sheets, A, FIRST) == Signing(3, new=True, agreed=False)


def test_signing_twice_changes_nothing() -> None:
    assert decide_signing("sat", None, [Sheet(1, A, FIRST)], A, FIRST) == Signing(1, new=False, agreed=False)


def test_an_appeal_is_scored_anew_even_with_the_same_points() -> None:
    agreed = [Sheet(1, A, FIRST), Sheet(1, A, SECOND)]
    assert decide_signing("appealed", 1, agreed, A, FIRST) == Signing(2, new=True, agreed=False)
    again = [*agreed, Sheet(2, A, FIRST)]
    assert decide_signing("appealed", 1, again, A, SECOND) == Signing(2, new=True, agreed=True)


@pytest.mark.parametrize("state", ["scored", "passed", "failed", "absent", "voided"])
def test_nobody_else_is_scored(state: str) -> None:
    with pytest.raises(CandidateNotScorable):
        decide_signing(state, None, [], A, FIRST)


@given(st.lists(st.tuples(st.sampled_from([FIRST, SECOND]), st.sampled_from([A, B])), max_size=12))
def test_agreement_is_two_people_under_the_same_scores(posts: list[tuple[object, Scores]]) -> None:
    sheets: list[Sheet] = []
    for who, scores in posts:
        signing = decide_signing("sat", None, sheets, scores, who)  # type: ignore[arg-type]  # strategies lose the type
        if signing.new:
            sheets.append(Sheet(signing.version, scores, who))  # type: ignore[arg-type]  # strategies lose the type
        of_version = [sheet for sheet in sheets if sheet.version == signing.version]
        assert len({sheet.scores for sheet in of_version}) == 1
        assert len({sheet.assessor_id for sheet in of_version}) == len(of_version)
        assert signing.agreed == (len(of_version) == 2)
        if signing.agreed:
            return
