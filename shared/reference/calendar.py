"""Working days after the State Council's yearly notice.

A year without a published calendar counts Monday to Friday; `is_published` says which it is, and whoever shows a date
that depends on it says so too.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from shared.kernel import clock
from shared.reference.tables import read_table

_SATURDAY = 5

EXCEPTIONS: Mapping[date, bool] = MappingProxyType(
    {date.fromisoformat(row["day"]): row["kind"] == "working_day" for row in read_table("holidays")}
)
"""Published days: False for a holiday, True for a weekend day that is worked in exchange (调休)."""

PUBLISHED_YEARS = frozenset(day.year for day in EXCEPTIONS)


def is_published(year: int) -> bool:
    """Whether the calendar of `year` is known; if not, Monday to Friday is assumed."""
    return year in PUBLISHED_YEARS


def is_working_day(day: date) -> bool:
    """Whether offices work on `day`."""
    return EXCEPTIONS.get(day, day.weekday() < _SATURDAY)


def working_days_after(day: date, count: int) -> date:
    """The `count`-th working day after `day`, `day` itself not counted; `ValueError` if `count` is negative."""
    return clock.working_days_after(day, count, is_working_day)
