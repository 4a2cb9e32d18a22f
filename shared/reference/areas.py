"""Areas: the city and its reporting units (县(市、区)), GB/T 2260 codes plus two zones that it does not list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from shared.kernel.errors import Invalid
from shared.reference.tables import read_table

CITY = "410400"
"""The whole city; a caller whose areas hold it may act everywhere."""


class AreaUnknown(Invalid):
    """A code that is no area of the city."""

    code = "area_unknown"
    policy = "§三(一)"
    zh, en = "不是本市的县(市、区)代码", "The code is not an area of the city."


class WholeCityNoArea(Invalid):
    """Where one of the twelve areas is meant, the whole city is none of them (R15)."""

    code = "whole_city_no_area"
    policy = "§三(一)"
    zh, en = "须为某一县(市、区),不得为全市", "One of the areas is needed; the whole city is none."


@dataclass(frozen=True, slots=True)
class Area:
    """An area with the dates on which it reports to another; `None` is open."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    reports_to: str | None
    reports_from: date | None
    reports_until: date | None

    def reports_on(self, day: date) -> bool:
        """Whether the area is a reporting unit on `day`, both ends included."""
        return (
            self.reports_to is not None
            and (self.reports_from is None or self.reports_from <= day)
            and (self.reports_until is None or day <= self.reports_until)
        )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _read() -> Mapping[str, Area]:
    return MappingProxyType(
        {
            row["code"]: Area(
                code=row["code"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                kind=row["kind"],
                reports_to=row["reports_to"] or None,
                reports_from=_day(row["reports_from"]),
                reports_until=_day(row["reports_until"]),
            )
            for row in read_table("areas")
        }
    )


AREAS: Mapping[str, Area] = _read()
"""Every area by code, the city first."""


def area(code: str) -> Area:
    """The area of this code; raises `AreaUnknown`."""
    found = AREAS.get(code)
    if found is None:
        raise AreaUnknown
    return found


def reporting_area(code: str) -> Area:
    """The area of this code that reports to the city (R15); raises `AreaUnknown`, or `WholeCityNoArea` for the city."""
    found = area(code)
    if found.reports_to is None:
        raise WholeCityNoArea
    return found


def reporting_areas(day: date | None = None) -> list[Area]:
    """The areas that report to the city on `day` (D12), by code; without `day` those with no end: today's twelve."""
    if day is None:
        return [found for found in AREAS.values() if found.reports_to is not None and found.reports_until is None]
    return [found for found in AREAS.values() if found.reports_on(day)]
