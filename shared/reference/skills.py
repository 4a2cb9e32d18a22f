"""Skills: what a voucher, class, assessment, certificate and payout are for (DOMAIN §2).

A skill is an occupation of the 2022 edition, a specific competence (专项职业能力), or a permit's item. Codes of earlier
editions are translated on the way in, so that nobody is paid twice for one occupation under two codes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.errors import Invalid
from shared.kernel.text import half_width
from shared.reference.tables import read_table

CURRENT_EDITION = "2022"
LEVELS = (5, 4, 3, 2, 1)
"""5 初级工 … 1 高级技师: smaller is higher."""
NO_LEVELS = (0,)
"""Kinds of certificate without levels."""


class SkillUnknown(Invalid):
    """A code of no skill, in no edition that is known."""

    code = "skill_unknown"
    policy = "§二(二)5"
    zh, en = "职业(项目)代码不存在", "There is no skill of this code."


class SkillLevelInvalid(Invalid):
    """A level that the skill does not have: 1..5 for an occupation, 0 for the others."""

    code = "skill_level_invalid"
    policy = "§二(二)5"
    zh, en = "{skill_code} 没有该等级", "{skill_code} has no such level."


class SkillKind(StrEnum):
    """What a skill is."""

    OCCUPATION = "occupation"
    SPECIFIC_COMPETENCE = "specific_competence"
    SPECIAL_OPERATION = "special_operation"
    SPECIAL_EQUIPMENT = "special_equipment"


PERMITS = frozenset({SkillKind.SPECIAL_OPERATION, SkillKind.SPECIAL_EQUIPMENT})
"""Kinds whose certificates run out and are reviewed (DOMAIN §2)."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill under its canonical code."""

    code: str
    kind: SkillKind
    levels: tuple[int, ...]
    name_zh: str
    name_en: str | None = None
    """No permit has one, and few of the occupations."""
    least_class_hours: int | None = None
    """The skill's own minimum, where its norm states one."""
    digital: bool = False
    """数字职业 of the classification."""
    green: bool = False
    """绿色职业 of the classification."""


def _read() -> Iterator[Skill]:
    for row in read_table("occupations"):
        yield Skill(
            row["code"],
            SkillKind.OCCUPATION,
            LEVELS,
            row["name_zh"],
            row["name_en"] or None,
            digital=row["digital"] == "yes",
            green=row["green"] == "yes",
        )
    for row in read_table("specific_competences"):
        yield Skill(
            row["code"],
            SkillKind.SPECIFIC_COMPETENCE,
            NO_LEVELS,
            row["name_zh"],
            row["name_en"] or None,
            int(row["class_hours_min"]),
        )
    for row in read_table("permits"):
        yield Skill(row["code"], SkillKind(row["kind"]), NO_LEVELS, row["name_zh"])


SKILLS: Mapping[str, Skill] = MappingProxyType({skill.code: skill for skill in _read()})
"""Every skill by canonical code."""

ALIASES: Mapping[tuple[str, str], str] = MappingProxyType(
    {(row["edition"], row["code"]): row["skill_code"] for row in read_table("occupation_aliases")}
)
"""Canonical code by earlier edition and its code."""


def canonical_skill(code: str, edition: str | None = None) -> Skill:
    """The skill that `code` means; raises `SkillUnknown`.

    `edition` is the edition that the code was taken from; one that has no translation for a code has left it unchanged.
    Without it a code of the current edition stands for itself, although an earlier edition may have given it to another
    occupation (4-02-07-10 is 国际快递业务师, and was 网约配送员 until 2022); any other is looked up in all earlier
    editions and must mean one and the same skill in each that has it.
    """
    wanted = half_width(code).upper()
    if edition is not None and edition != CURRENT_EDITION:
        wanted = ALIASES.get((edition, wanted), wanted)
    elif edition is None and wanted not in SKILLS:
        meanings = {skill_code for (_, earlier), skill_code in ALIASES.items() if earlier == wanted}
        if len(meanings) == 1:
            wanted = meanings.pop()
    found = SKILLS.get(wanted)
    if found is None:
        raise SkillUnknown
    return found


def check_skill_level(code: str, level: int) -> Skill:
    """The skill that `code` means, if it has `level`; raises `SkillUnknown` or `SkillLevelInvalid`."""
    skill = canonical_skill(code)
    if level not in skill.levels:
        raise SkillLevelInvalid(skill_code=skill.code)
    return skill
