"""Skills: one code each, whatever edition it was taken from."""

import re
from collections import Counter

import pytest

from shared.reference import skills
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
RIDERS_EARLIER_CODE = "4-02-07-10"


@pytest.mark.parametrize(
    ("code", "edition"),
    [(RIDER, None), (RIDER, "2022"), (RIDER, "2015"), (RIDERS_EARLIER_CODE, "2015 supplement 2020")],
)
def test_a_rider_has_one_skill_under_both_codes(code: str, edition: str | None) -> None:
    assert canonical_skill(code, edition) is SKILLS[RIDER]


def test_a_code_without_a_translation_is_unchanged() -> None:
    assert canonical_skill("6-31-01-03", "2015") == canonical_skill("6-31-01-03")


@pytest.mark.parametrize("edition", [None, "2022"])
def test_a_code_that_the_current_edition_gave_to_another_occupation_means_that_one(edition: str | None) -> None:
    assert canonical_skill(RIDERS_EARLIER_CODE, edition).name_zh == "国际快递业务师"


def test_a_code_of_earlier_editions_only_means_what_all_of_them_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = {("2015", "9-01-00-00"): RIDER, ("1999", "9-01-00-00"): RIDER}
    monkeypatch.setattr(skills, "ALIASES", {**earlier, ("1999", "9-02-00-00"): RIDER, ("2015", "9-02-00-00"): "SE-T"})
    assert canonical_skill("9-01-00-00").code == RIDER
    assert canonical_skill("9-02-00-00", "2015").code == "SE-T"
    for code, edition in (("9-02-00-00", None), ("9-01-00-00", "2022")):
        with pytest.raises(SkillUnknown):
            canonical_skill(code, edition)


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


@pytest.mark.parametrize(
    ("code", "digital", "green"),
    [
        pytest.param("4-04-05-05", True, False, id="人工智能训练师"),
        pytest.param("6-28-01-10", False, True, id="光伏发电运维值班员"),
        pytest.param("6-18-01-13", True, True, id="增材制造设备操作员"),
        pytest.param("6-31-01-03", False, False, id="电工"),
        pytest.param("SO-09-16", False, False, id="a permit"),
    ],
)
def test_digital_and_green_occupations(code: str, *, digital: bool, green: bool) -> None:
    assert (SKILLS[code].digital, SKILLS[code].green) == (digital, green)


def test_the_occupations_are_those_of_groups_3_to_6() -> None:
    rows = read_table("occupations")
    assert Counter(row["major_group"] for row in rows) == {"3": 36, "4": 354, "5": 54, "6": 670}
    assert all(re.fullmatch(r"[3-6](-[0-9]{2}){3}", row["code"]) for row in rows)
    assert all(row["code"][0] == row["major_group"] for row in rows)
    assert {row[flag] for row in rows for flag in ("digital", "green")} == {"", "yes"}
    names = Counter(row["name_zh"] for row in rows)
    assert {name for name, count in names.items() if count > 1} == {"甘油制造工"}, "named twice by the draft itself"


def test_special_operations_are_the_ten_groups_of_the_list() -> None:
    groups = {row["code"][:5] for row in read_table("permits") if row["kind"] == "special_operation"}
    assert groups == {f"SO-{number:02}" for number in range(1, 11)}


def test_the_tables_are_whole() -> None:
    rows = [row for table in ("occupations", "specific_competences", "permits") for row in read_table(table)]
    assert len(SKILLS) == len(rows), "two rows have one code"
    assert all(row["source"] and row["name_zh"] for row in rows)
    assert set(ALIASES.values()) <= set(SKILLS)
    assert all(code == skill.code and isinstance(skill, Skill) for code, skill in SKILLS.items())
    assert all(skill.name_en != "" for skill in SKILLS.values())
    assert canonical_skill("ZX-4104-001").least_class_hours == 40
