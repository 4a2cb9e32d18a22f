"""Business time: instants are UTC, days are those of Asia/Shanghai.

Nothing here reads a clock: the unit of work reads the database's once, and passes the instant on.
"""

from datetime import date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""UTC+8, fixed: no daylight saving since 1991, long before the scheme, so no time-zone database is needed."""


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


def months_later(day: date, months: int) -> date:
    """The same day of a later month, the 28th at the latest."""
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1, day=min(day.day, 28)) if months else day
