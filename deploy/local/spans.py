"""Spans and times as people write them on a command line."""

import re
from datetime import datetime, timedelta

import typer

from shared.kernel.clock import SHANGHAI

_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?", re.ASCII)


def parse_span(text: str) -> timedelta:
    """Read ``1d6h30m``; BadParameter unless it is one and more than nothing."""
    found = _DURATION.fullmatch(text)
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    span = timedelta(days=days, hours=hours, minutes=minutes)
    if not span:
        raise typer.BadParameter("a span is written like 5d, 12h or 1d6h30m")
    return span


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time, in Asia/Shanghai unless it says otherwise; BadParameter if it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a time is written like 2027-03-01T08:00") from None
    return time if time.tzinfo else time.replace(tzinfo=SHANGHAI)
