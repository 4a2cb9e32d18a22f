"""The moment at which tests begin: now, or what TESTS_START names, such as 2028-02-29T12:00 in Asia/Shanghai.

Only business time is moved; recorded time stays the machine's.
"""

import os
from datetime import UTC, datetime, timedelta

from shared.kernel.clock import SHANGHAI

VARIABLE = "TESTS_START"


def parse_moment(text: str) -> datetime:
    """A moment, in Asia/Shanghai unless it says otherwise; `ValueError` if it is none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


START = parse_moment(os.environ[VARIABLE]) if VARIABLE in os.environ else None

_ahead = timedelta()


def begin() -> timedelta:
    """Begin anew with a fresh database: by how much its business clock is ahead of the machine's."""
    global _ahead
    if START is not None:
        _ahead = START - recorded_now()
    return _ahead


def business_now() -> datetime:
    """Business time of the latest fresh database, unless its test has moved it."""
    return recorded_now() + _ahead


def recorded_now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)
