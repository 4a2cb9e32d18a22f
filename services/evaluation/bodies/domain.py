"""Assessing bodies: their life in the catalogue and what they may assess when (§二(二)5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle, Rests
from shared.reference.skills import PERMITS, Skill


class BodyKind(StrEnum):
    """用人单位 assess employees, 院校 students, 社会培训评价组织 the public, 政府鉴定机构 what law restricts."""

    EMPLOYER = "employer"
    SCHOOL = "school"
    SOCIAL = "social"
    GOVERNMENT = "government"


class BodyState(StrEnum):
    """Where a body stands in the catalogue."""

    LISTED = "listed"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class BodyAction(StrEnum):
    """What officers do to a body's entry."""

    LIST = "list"
    AMEND_SCOPE = "amend_scope"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REMOVE = "remove"


BODY = Lifecycle(
    "evaluation.body",
    {
        (None, BodyAction.LIST): Edge(BodyState.LISTED, emits="body.listed"),
        (BodyState.LISTED, BodyAction.AMEND_SCOPE): Edge(BodyState.LISTED, emits="body.scope_amended"),
        (BodyState.LISTED, BodyAction.SUSPEND): Edge(BodyState.SUSPENDED, emits="body.suspended"),
        (BodyState.SUSPENDED, BodyAction.REINSTATE): Edge(BodyState.LISTED, emits="body.reinstated"),
        (BodyState.LISTED, BodyAction.REMOVE): Edge(BodyState.REMOVED, emits="body.removed"),
        (BodyState.SUSPENDED, BodyAction.REMOVE): Edge(BodyState.REMOVED, emits="body.removed"),
    },
    {
        BodyState.LISTED: Rests("it is in the catalogue"),
        BodyState.SUSPENDED: ByPeople("an officer: back, or removed"),
    },
)

CHANNELS = {
    BodyKind.EMPLOYER: "enterprise",
    BodyKind.SCHOOL: "school",
    BodyKind.SOCIAL: "social",
    BodyKind.GOVERNMENT: "social",
}
"""The channel that a certificate counts for where no class led to it (D13)."""


class BodyNotFound(NotFound):
    """No such body in the catalogue, or none of the caller's areas."""

    code = "body_not_found"
    zh, en = "未找到该评价机构", "There is no such assessing body."


class BodyAlreadyListed(Conflict):
    """The organisation is in the catalogue already."""

    code = "body_already_listed"
    policy = "§二(二)5"
    zh, en = "该机构已在评价目录中", "The organisation is in the assessment catalogue already."


class BodyProvinceCodeTaken(Conflict):
    """Two bodies with one provincial code would issue equal certificate numbers."""

    code = "body_province_code_taken"
    zh, en = "该机构代码(四位)已被使用", "Another body has this four-character provincial code."


class BodyScopeOverlaps(Conflict):
    """One skill and level is listed twice for the same days."""

    code = "body_scope_overlaps"
    policy = "§二(二)5"
    zh, en = "同一职业同一等级的目录期限重叠", "A skill and level is listed twice for the same days."


class BodyScopeOutsideKind(Invalid):
    """Permits are assessed by government bodies only."""

    code = "body_scope_outside_kind"
    policy = "§二(二)5"
    zh, en = "{skill_code} 只能由政府鉴定机构评价", "{skill_code} is assessed by government bodies only."


class BodyNotListed(Conflict):
    """Nothing outside the catalogue counts (A9); a suspended body assesses nothing."""

    code = "body_not_listed"
    policy = "§二(二)5"
    zh, en = "评价机构不在目录内或已被暂停", "The body is not in the catalogue, or is suspended."


class BodyOutsideScope(Conflict):
    """The body is listed, but not for this skill and level on this day."""

    code = "body_outside_scope"
    policy = "§二(二)5"
    zh, en = (
        "评价机构在 {day} 不具备 {skill_code} 第 {level} 等级的评价资格",
        "On {day} the body is not listed for {skill_code}, level {level}.",
    )


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """A skill and level with the days on which it is listed, both included; `valid_to` None is open.

    `edition` is that of the provincial catalogue (省职业技能评价目录清单) from which the line was taken.
    """

    skill_code: str
    level: int
    valid_from: date
    valid_to: date | None
    edition: str

    def covers(self, skill_code: str, level: int, day: date) -> bool:
        """Whether the line lists the skill and level on `day`."""
        in_force = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return in_force and (self.skill_code, self.level) == (skill_code, level)


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """What decisions need to know of a body."""

    status: str
    scope: tuple[ScopeLine, ...]


def check_scope(kind: BodyKind, skills: Iterable[Skill]) -> None:
    """Permits belong to government bodies; `BodyScopeOutsideKind` otherwise."""
    for skill in skills:
        if skill.kind in PERMITS and kind is not BodyKind.GOVERNMENT:
            raise BodyScopeOutsideKind(skill_code=skill.code)


def check_listed(entry: BodyFacts) -> None:
    """`BodyNotListed` unless the body may act now."""
    if entry.status != BodyState.LISTED:
        raise BodyNotListed


def check_may_assess(entry: BodyFacts, skill_code: str, level: int, day: date) -> None:
    """The body is listed, and for this skill and level on `day`; `BodyNotListed` or `BodyOutsideScope` otherwise."""
    check_listed(entry)
    if not any(line.covers(skill_code, level, day) for line in entry.scope):
        raise BodyOutsideScope(skill_code=skill_code, level=level, day=day.isoformat())
