"""What is counted. 人次 are cases, 人 are distinct people: both are always given, neither is derived from the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kernel.errors import Invalid
from shared.reference.areas import CITY, Area, reporting_areas
from shared.security.principals import AreaOutsideScope, Principal


class PeriodInvalid(Invalid):
    """A period that ends before it begins."""

    code = "period_invalid"
    zh, en = "统计期间的截止日早于起始日", "The period ends before it begins."


class Stage(StrEnum):
    """How far a voucher's case came, in the order of the loop."""

    OFFERED = "offered"
    """To a listed person, by a targeted batch; general vouchers begin with the claim."""
    CLAIMED = "claimed"
    BOUND = "bound"
    COMPLETED = "completed"
    CERTIFIED = "certified"
    """By a certificate that was not revoked since: a revocation restates the period of the certificate."""
    OPENED = "opened"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases (人次), and of how many distinct people (人)."""

    times: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Amounts:
    """Money of the training benefit: opened and still owed, paid, and of that reversed."""

    owed_fen: int = 0
    paid_fen: int = 0
    reversed_fen: int = 0


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """The funnel of one area, or of all asked for together (`area` is None). People are distinct within the row."""

    area: str | None
    stages: Mapping[Stage, Count]
    amounts: Amounts

    @classmethod
    def empty(cls, area: str | None) -> "FunnelRow":
        """Nothing happened there."""
        return cls(area, {stage: Count() for stage in Stage}, Amounts())


@dataclass(frozen=True, slots=True)
class Period:
    """Business dates, both included; None is open."""

    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until < self.since:
            raise PeriodInvalid


def areas_asked(caller: Principal, wanted: str | None) -> list[Area]:
    """The reporting areas (D12) that `caller` may see, `wanted` alone if it is named; the city's code means all.

    `AreaOutsideScope` if nothing is left.
    """
    covered = [area for area in reporting_areas() if caller.covers(area.code)]
    if wanted == CITY and caller.covers_city:
        return covered
    asked = [area for area in covered if wanted in (None, area.code)]
    if not asked:
        raise AreaOutsideScope
    return asked
