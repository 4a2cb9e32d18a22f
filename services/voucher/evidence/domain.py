"""What registers and officers can say of a person, and the refusals of this room."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import DayNotYet
from shared.kernel.occasion import FIRST


class Group(StrEnum):
    """Priority groups of §二(一)4. The policy's list is open (等): another one is added here with its source."""

    POVERTY_ALLEVIATED = "poverty_alleviated"
    """脱贫劳动力及监测对象"""
    RURAL_MIGRANT = "rural_migrant"
    """农民工"""
    VETERAN = "veteran"
    """退役军人"""
    REASSIGNED = "reassigned"
    """转岗职工"""
    DISABLED = "disabled"
    """残疾人"""
    REHABILITATION = "rehabilitation"
    """强制隔离戒毒人员"""
    COMMUNITY_CORRECTION = "community_correction"
    """社区矫正人员"""
    FLEXIBLE = "flexible"
    """灵活就业人员"""


class Pension(StrEnum):
    """What the pension register says."""

    DRAWN = "drawn"
    NOT_DRAWN = "not_drawn"
    UNKNOWN = "unknown"


class FiscalPayroll(StrEnum):
    """What the register of fiscal payrolls says; public-welfare posts (公益性岗位) are `off` it (D16)."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class VitalStatus(StrEnum):
    """What the register of deaths says. A death stands until the register takes it back."""

    ALIVE = "alive"
    DECEASED = "deceased"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Training:
    """A benefit of the group `training` that somebody took or is about to take (A13)."""

    skill_code: str
    level: int
    year: int
    voucher_id: UUID | None = None
    """Ours, or None for a benefit that another office paid."""
    occasion: str = FIRST
    """Which of the benefits for this skill and level it is (R7)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is recorded of a person, each fact as its register last said it."""

    pension: Pension = Pension.UNKNOWN
    fiscal_payroll: FiscalPayroll = FiscalPayroll.UNKNOWN
    outside_benefits_known: bool = False
    extract_id: UUID | None = None
    extract_as_of: date | None = None
    groups: frozenset[str] = frozenset()
    group_evidence: tuple[UUID, ...] = ()
    outside_benefits: tuple[Training, ...] = ()
    """What other offices paid."""
    deceased: bool = False
    """Whether the register of deaths has named them, and not said since that they live (R10)."""


@dataclass(frozen=True, slots=True)
class GroupStatement:
    """That a person belongs to a group, on which evidence, from which day to which (None: a lasting one)."""

    group: Group
    evidence: str
    source: str
    as_of: date
    until: date | None


@dataclass(frozen=True, slots=True)
class OutsideTraining:
    """A training benefit that another office paid. `skill_code` is canonical."""

    programme: str
    skill_code: str
    level: int
    taken_on: date


@dataclass(frozen=True, slots=True)
class ExtractStatement:
    """What the registers say of a person. `outside` is None where the insurance office was not asked (A13)."""

    pension: Pension
    fiscal_payroll: FiscalPayroll
    source: str
    as_of: date
    outside: tuple[OutsideTraining, ...] | None
    vital_status: VitalStatus = VitalStatus.UNKNOWN


def check_days(today: date, *days: date) -> None:
    """`DayNotYet` if one of `days` is after the business date `today`."""
    if any(day > today for day in days):
        raise DayNotYet
