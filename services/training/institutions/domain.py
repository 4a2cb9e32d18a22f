"""The life of an institution on the catalogue, and what it is listed for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle, Rests
from shared.reference.areas import CITY
from shared.reference.skills import check_skill_level


class InstitutionState(StrEnum):
    """Where an institution stands; public."""

    APPLIED = "applied"
    LISTED = "listed"
    WARNED = "warned"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class InstitutionAction(StrEnum):
    """What is done to an institution's place on the catalogue."""

    APPLY = "apply"
    LIST = "list"
    WARN = "warn"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REMOVE = "remove"


S, A = InstitutionState, InstitutionAction

INSTITUTION = Lifecycle(
    "training.institution",
    {
        (None, A.APPLY): Edge(S.APPLIED, emits="institution.applied"),
        (S.APPLIED, A.APPLY): Edge(S.APPLIED, emits="institution.applied"),
        (S.APPLIED, A.LIST): Edge(S.LISTED, emits="institution.listed"),
        (S.LISTED, A.WARN): Edge(S.WARNED, emits="institution.warned"),
        (S.WARNED, A.WARN): Edge(S.WARNED, emits="institution.warned"),
        (S.LISTED, A.SUSPEND): Edge(S.SUSPENDED, emits="institution.suspended"),
        (S.WARNED, A.SUSPEND): Edge(S.SUSPENDED, emits="institution.suspended"),
        (S.WARNED, A.REINSTATE): Edge(S.LISTED, emits="institution.reinstated"),
        (S.SUSPENDED, A.REINSTATE): Edge(S.LISTED, emits="institution.reinstated"),
        (S.LISTED, A.REMOVE): Edge(S.REMOVED, emits="institution.removed"),
        (S.WARNED, A.REMOVE): Edge(S.REMOVED, emits="institution.removed"),
        (S.SUSPENDED, A.REMOVE): Edge(S.REMOVED, emits="institution.removed"),
    },
    {
        S.APPLIED: ByPeople("another officer"),
        S.LISTED: Rests("it is in the catalogue"),
        S.WARNED: Rests("it is in the catalogue, under a warning"),
        S.SUSPENDED: ByPeople("an officer: back, or removed"),
    },
)

ACTIVE_STATES = frozenset({S.LISTED, S.WARNED})
"""States in which new classes and enrolments are possible."""


class InstitutionNotFound(NotFound):
    """No such institution on the catalogue."""

    code = "institution_not_found"
    zh, en = "目录中没有该培训机构", "The catalogue has no such institution."


class InstitutionSameOfficer(Conflict):
    """Who entered an application does not list it."""

    code = "institution_same_officer"
    policy = "§二(二)5"
    zh, en = "受理人与入目录审核人须为不同人员", "The officer who entered the application may not list it."


class InstitutionNotActive(Conflict):
    """An institution that is not listed, or suspended or removed, takes no class and no trainee (A9, A14)."""

    code = "institution_not_active"
    policy = "§二(二)5"
    zh, en = "培训机构未入目录或已暂停、退出", "The institution is not on the catalogue, or is suspended or removed."


class SkillNotInScope(Conflict):
    """The institution is not listed for this skill and level on these days (A9)."""

    code = "skill_not_in_scope"
    policy = "§二(二)6"
    zh, en = "培训机构目录范围不含该职业等级或日期", "The institution is not listed for this skill, level and dates."


class AreaNotInScope(Conflict):
    """The institution is listed for another area (A9, A23)."""

    code = "area_not_in_scope"
    policy = "§二(二)5"
    zh, en = "培训机构目录范围不含该县(市、区)", "The institution is not listed for this area."


class CatalogueScopeInvalid(Invalid):
    """Two lines for one skill and level share a day, or a line ends before it begins."""

    code = "catalogue_scope_invalid"
    policy = "§二(二)6"
    zh, en = "目录范围日期重叠或颠倒", "Lines of the scope overlap or end before they begin."


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """A skill and level with the days on which the institution is listed for it; no end is open."""

    skill_code: str
    level: int
    valid_from: date
    valid_to: date | None

    @property
    def last(self) -> date:
        """The last listed day."""
        return self.valid_to or date.max

    def covers(self, skill_code: str, level: int, first: date, last: date) -> bool:
        """Whether the line lists this skill and level on all days from `first` to `last`."""
        return self.skill_code == skill_code and self.level == level and self.valid_from <= first and last <= self.last


@dataclass(frozen=True, slots=True)
class InstitutionFacts:
    """What decisions about an institution's classes and trainees need."""

    credit_code: str
    status: str
    area: str
    scope: tuple[ScopeLine, ...]


def canonical_scope(lines: Iterable[ScopeLine]) -> tuple[ScopeLine, ...]:
    """The lines under canonical skill codes, in a fixed order.

    `SkillUnknown`, `SkillLevelInvalid`, or `CatalogueScopeInvalid` where lines overlap or run backwards.
    """
    canonical = sorted(
        (
            ScopeLine(check_skill_level(line.skill_code, line.level).code, line.level, line.valid_from, line.valid_to)
            for line in lines
        ),
        key=lambda line: (line.skill_code, line.level, line.valid_from),
    )
    for line in canonical:
        if line.last < line.valid_from:
            raise CatalogueScopeInvalid
    for before, after in pairwise(canonical):
        if (before.skill_code, before.level) == (after.skill_code, after.level) and after.valid_from <= before.last:
            raise CatalogueScopeInvalid
    return tuple(canonical)


def check_active(facts: InstitutionFacts) -> None:
    """`InstitutionNotActive` unless new classes and trainees are possible (DOMAIN §3)."""
    if facts.status not in ACTIVE_STATES:
        raise InstitutionNotActive


def check_listed(facts: InstitutionFacts, skill_code: str, level: int, first: date, last: date) -> None:
    """`InstitutionNotActive` or `SkillNotInScope` unless listed for the skill and level on all these days (A9)."""
    check_active(facts)
    if not any(line.covers(skill_code, level, first, last) for line in facts.scope):
        raise SkillNotInScope


def check_area(facts: InstitutionFacts, area: str) -> None:
    """`AreaNotInScope` unless the institution is listed for this area, or for the whole city (A9, A23)."""
    if facts.area not in {area, CITY}:
        raise AreaNotInScope


def check_second_officer(applied_by: UUID, officer: UUID) -> None:
    """`InstitutionSameOfficer` unless another natural person lists than entered the application (A9)."""
    if applied_by == officer:
        raise InstitutionSameOfficer
