"""Business days are those of Asia/Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.kernel.clock import SHANGHAI, business_date, end_of_day, start_of_day


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 12, 31, 20, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_business_date(instant: datetime, day: date) -> None:
    assert business_date(instant) == day


def test_an_instant_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        business_date(datetime(2026, 3, 1))  # noqa: DTZ001  # exactly what is refused


def test_a_day_begins_and_ends_in_shanghai() -> None:
    day = date(2026, 3, 1)
    assert start_of_day(day) == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    assert end_of_day(day) - start_of_day(day) == timedelta(days=1)
    assert business_date(end_of_day(day)) == date(2026, 3, 2)
    assert str(SHANGHAI) == "Asia/Shanghai"
