"""Working days after the State Council's yearly notice, and after the law for years that have none yet.

The notice of a year comes in the November before. Until it is package data, the year has the statutory days of
全国年节及纪念日放假办法, 13 since 2025, each that falls on a weekend made up for on the next working day (Art. 6). What
the notice will exchange for worked weekends is unknown, so a deadline may still move: `is_provisional` says which.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from holidays import country_holidays

from shared.kernel.clock import business_date, end_of_day
from shared.reference.tables import read_table

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_ONE_INSTANT = timedelta(microseconds=1)
_LAW = country_holidays("CN")
"""The statutory days from 1950 to 2100, each year computed when it is first asked for."""

EXCEPTIONS: Mapping[date, bool] = MappingProxyType(
    {date.fromisoformat(row["day"]): row["kind"] == "working_day" for row in read_table("holidays")}
)
"""Published days: False for a holiday, True for a weekend day that is worked in exchange (调休)."""

PUBLISHED_YEARS = frozenset(day.year for day in EXCEPTIONS)


def is_published(year: int) -> bool:
    """Whether the notice of `year` is known here; if not, the law's own days are taken."""
    return year in PUBLISHED_YEARS


def is_provisional(first: date, last: date) -> bool:
    """Whether working days counted from `first` to `last` (not before it) touch a year that is not published."""
    return not PUBLISHED_YEARS.issuperset(range(first.year, last.year + 1))


def is_working_day(day: date) -> bool:
    """Whether offices work on `day`."""
    if is_published(day.year):
        return EXCEPTIONS.get(day, day.weekday() < _SATURDAY)
    return _LAW.is_working_day(day)


def working_days_after(day: date, count: int) -> date:
    """The `count`-th working day after `day`, `day` itself not counted; `ValueError` if `count` is negative."""
    if count < 0:
        raise ValueError("count must not be negative")
    for _ in range(count):
        day += _ONE_DAY
        while not is_working_day(day):
            day += _ONE_DAY
    return day


def first_in_time(today: date, working_days: int) -> date:
    """The earliest day whose work, given so many working days, is not late today."""
    day = today
    while working_days_after(day - _ONE_DAY, working_days) >= today:
        day -= _ONE_DAY
    return day


def end_of_working_days(day: date, count: int) -> datetime:
    """The first instant after the `count`-th working day after `day`: a deadline of whole working days (R25)."""
    return end_of_day(working_days_after(day, count))


def is_deadline_provisional(since: datetime, ends_at: datetime) -> bool:
    """Whether a deadline of working days that began at `since` and ends at `ends_at` may still move (R19)."""
    return is_provisional(business_date(since), business_date(ends_at - _ONE_INSTANT))
