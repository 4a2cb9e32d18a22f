"""Business time: instants are UTC, days are those of Asia/Shanghai.

Nothing here reads a clock: the unit of work reads the database's once, and passes the instant on.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""UTC+8, fixed: no daylight saving since 1991, long before the scheme, so no time-zone database is needed."""

_SEARCH_LIMIT_DAYS = 4_000


def business_date(instant: datetime) -> date:
    """The day in Asia/Shanghai on which `instant` falls; `ValueError` if it carries no time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """The first instant of `day` in Asia/Shanghai."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def end_of_day(day: date) -> datetime:
    """The first instant after `day` in Asia/Shanghai: an act on `day` happens strictly before it."""
    return start_of_day(day + timedelta(days=1))


def working_days_after(day: date, count: int, is_working_day: Callable[[date], bool]) -> date:
    """The `count`-th working day after `day`, `day` itself not counted; `day` if `count` is 0.

    `is_working_day` comes from the published calendar (`shared.reference.calendar`). `ValueError` if `count` is
    negative or the calendar has no such day within about ten years.
    """
    if count < 0:
        raise ValueError("count must not be negative")
    found = day
    for _ in range(count):
        found = _next_working_day(found, is_working_day)
    return found


def _next_working_day(day: date, is_working_day: Callable[[date], bool]) -> date:
    for offset_days in range(1, _SEARCH_LIMIT_DAYS):
        candidate = day + timedelta(days=offset_days)
        if is_working_day(candidate):
            return candidate
    raise ValueError("the calendar has no working day")
