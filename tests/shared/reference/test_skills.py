"""Skills: one code each, whatever edition it was taken from."""

import pytest

from shared.reference.skills import (
    ALIASES,
    SKILLS,
    Skill,
    SkillKind,
    SkillLevelInvalid,
    SkillUnknown,
    canonical_skill,
    check_skill_level,
)
from shared.reference.tables import read_table

RIDER = "4-10-08-01"


@pytest.mark.parametrize(
    ("code", "edition"),
    [(RIDER, None), (RIDER, "2022"), ("4-02-07-10", None), ("4-02-07-10", "2015 supplement 2020")],
)
def test_a_rider_has_one_skill_under_both_codes(code: str, edition: str | None) -> None:
    assert canonical_skill(code, edition) is SKILLS[RIDER]


def test_a_code_without_a_translation_is_unchanged() -> None:
    assert canonical_skill("6-31-01-03", "2015") == canonical_skill("6-31-01-03")


def test_an_earlier_code_is_none_of_the_current_edition() -> None:
    with pytest.raises(SkillUnknown):
        canonical_skill("4-02-07-10", "2022")


@pytest.mark.parametrize("typed", [" se-n1 ", "SE-N1", "ＳＥ-Ｎ１"])
def test_codes_are_taken_however_they_are_typed(typed: str) -> None:
    assert canonical_skill(typed).code == "SE-N1"


@pytest.mark.parametrize("code", ["", "9-99-99-99", "保育师", "410402199001010010"])
def test_unknown_codes_are_refused_and_not_echoed(code: str) -> None:
    with pytest.raises(SkillUnknown) as caught:
        canonical_skill(code)
    assert caught.value.facts == {}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (RIDER, SkillKind.OCCUPATION),
        ("ZX-4104-001", SkillKind.SPECIFIC_COMPETENCE),
        ("SO-01-02", SkillKind.SPECIAL_OPERATION),
        ("SE-T", SkillKind.SPECIAL_EQUIPMENT),
    ],
)
def test_kinds_and_levels(code: str, kind: SkillKind) -> None:
    skill = canonical_skill(code)
    assert skill.kind is kind
    permitted = set(range(1, 6)) if kind is SkillKind.OCCUPATION else {0}
    for level in range(-1, 7):
        if level in permitted:
            assert check_skill_level(code, level) is skill
        else:
            with pytest.raises(SkillLevelInvalid, match=code):
                check_skill_level(code, level)


def test_the_tables_are_whole() -> None:
    rows = [row for table in ("occupations", "specific_competences", "permits") for row in read_table(table)]
    assert len(SKILLS) == len(rows), "two rows have one code"
    assert all(row["source"] and row["name_zh"] for row in rows)
    assert set(ALIASES.values()) <= set(SKILLS)
    assert all(code == skill.code and isinstance(skill, Skill) for code, skill in SKILLS.items())
    assert canonical_skill("ZX-4104-001").least_class_hours == 40
