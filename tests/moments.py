"""The tests at each of several moments of business time: `python -m tests.moments [arguments of pytest]`.

What passes at one and fails at another is a fault: of the code or of the test.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import count

from shared.kernel.clock import SHANGHAI, business_date
from shared.reference.calendar import PUBLISHED_YEARS, is_working_day
from tests.clock import VARIABLE

LONG_HOLIDAY_DAYS = 3
SATURDAY = 5


def moments(now: datetime) -> Mapping[str, datetime]:
    """The next occurrence of each moment that has its own traps; business time is never behind the machine's."""
    tomorrow = business_date(now) + timedelta(days=1)
    return {
        "half past midnight": _at(tomorrow, "00:30"),
        "half an hour before midnight": _at(tomorrow, "23:30"),
        "a Saturday": _at(_next(tomorrow, lambda day: day.weekday() == SATURDAY), "10:00"),
        "the day before a long holiday": _at(_next(tomorrow, _before_a_long_holiday), "16:00"),
        "31 December": _at(_next(tomorrow, lambda day: (day.month, day.day) == (12, 31)), "15:00"),
        "29 February": _at(_next(tomorrow, lambda day: (day.month, day.day) == (2, 29)), "12:00"),
    }


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI)


def _next(day: date, wanted: Callable[[date], bool]) -> date:
    return next(later for ahead in count() if wanted(later := day + timedelta(days=ahead)))


def _before_a_long_holiday(day: date) -> bool:
    """By the published calendars; in a year that has none yet, the eve of the National Day."""
    if day.year not in PUBLISHED_YEARS:
        return (day.month, day.day) == (9, 30)
    after = [day + timedelta(days=ahead) for ahead in range(1, LONG_HOLIDAY_DAYS + 1)]
    return is_working_day(day) and not any(map(is_working_day, after))


def main(arguments: Sequence[str]) -> int:
    """Run the tests at each moment, one after the other; 1 if they fail at any."""
    failed = []
    for name, moment in moments(datetime.now(SHANGHAI)).items():
        start = moment.replace(tzinfo=None).isoformat(timespec="minutes")
        sys.stdout.write(f"\n=== {name}: {VARIABLE}={start}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", "pytest", *arguments]
        if subprocess.run(command, env={**os.environ, VARIABLE: start}, check=False).returncode:  # noqa: S603  # our own tests
            failed.append(f"{name}: {VARIABLE}={start}")
    sys.stdout.write("\n".join(["", "Failed at", *failed]) if failed else "\nPassed at every moment.")
    sys.stdout.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
