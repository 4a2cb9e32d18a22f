"""Working days after the published notices, Monday to Friday where there is none."""

from datetime import date, timedelta

import pytest

from shared.reference.calendar import EXCEPTIONS, is_published, is_working_day, working_days_after
from shared.reference.tables import read_table


@pytest.mark.parametrize(
    ("year", "published"), [(2023, False), (2024, True), (2025, True), (2026, True), (2027, False)]
)
def test_which_years_are_published(year: int, *, published: bool) -> None:
    assert is_published(year) is published


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param(date(2026, 2, 14), True, id="a Saturday worked for 春节"),
        pytest.param(date(2026, 2, 16), False, id="春节"),
        pytest.param(date(2026, 2, 24), True, id="the first day back"),
        pytest.param(date(2026, 9, 20), True, id="a Sunday worked for 国庆节"),
        pytest.param(date(2026, 10, 8), True, id="a Thursday"),
        pytest.param(date(2026, 11, 22), False, id="a Sunday"),
        pytest.param(date(2025, 10, 8), False, id="国庆节 and 中秋节 together"),
        pytest.param(date(2027, 1, 1), True, id="not published: a Friday"),
        pytest.param(date(2027, 1, 2), False, id="not published: a Saturday"),
    ],
)
def test_working_days(day: date, *, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_published_year(year: int, count: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=offset) for offset in range(366))
    assert sum(is_working_day(day) for day in days if day.year == year) == count


def test_only_weekends_are_worked_in_exchange() -> None:
    assert all(day.weekday() >= 5 for day, works in EXCEPTIONS.items() if works)
    rows = read_table("holidays")
    assert len(rows) == len(EXCEPTIONS), "a day is listed twice"
    assert all(row["kind"] in {"holiday", "working_day"} and row["source"] for row in rows)


def test_five_working_days_across_a_holiday() -> None:
    assert working_days_after(date(2026, 2, 12), 5) == date(2026, 2, 26)
    assert working_days_after(date(2026, 11, 23), 5) == date(2026, 11, 30)
    assert working_days_after(date(2026, 9, 30), 1) == date(2026, 10, 8)
