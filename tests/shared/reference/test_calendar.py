"""Working days after the published notices, and after the law where there is none."""

from datetime import date, datetime, timedelta

import pytest
from holidays import country_holidays

from shared.kernel.clock import SHANGHAI, business_date
from shared.reference.calendar import (
    EXCEPTIONS,
    PUBLISHED_YEARS,
    end_of_working_days,
    is_deadline_provisional,
    is_provisional,
    is_published,
    is_working_day,
    working_days_after,
)
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
        pytest.param(date(2027, 1, 2), False, id="not published: a Saturday"),
        pytest.param(date(2027, 2, 8), False, id="not published: 春节"),
        pytest.param(date(2027, 2, 9), False, id="not published: made up for a 春节 on Saturday"),
        pytest.param(date(2027, 2, 11), True, id="not published: the first day back"),
        pytest.param(date(2023, 1, 28), True, id="before the table: a Saturday worked for 春节"),
    ],
)
def test_working_days(day: date, *, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_published_year(year: int, count: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=offset) for offset in range(366))
    assert sum(is_working_day(day) for day in days if day.year == year) == count


def days_of(year: int) -> list[date]:
    return [
        date(year, 1, 1) + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]


@pytest.mark.parametrize("year", sorted(PUBLISHED_YEARS))
def test_the_published_table_is_what_another_reader_of_the_notices_found(year: int) -> None:
    theirs = country_holidays("CN")
    assert [is_working_day(day) for day in days_of(year)] == [theirs.is_working_day(day) for day in days_of(year)]


MOVABLE = {
    2027: ("02-06", "04-05", "06-09", "09-15"),
    2028: ("01-26", "04-04", "05-28", "10-03"),
    2029: ("02-13", "04-04", "06-16", "09-22"),
    2030: ("02-03", "04-05", "06-05", "09-12"),
    2031: ("01-23", "04-05", "06-24", "10-01"),
    2032: ("02-11", "04-04", "06-12", "09-19"),
    2033: ("01-31", "04-04", "06-01", "09-08"),
    2034: ("02-19", "04-05", "06-20", "09-27"),
    2035: ("02-08", "04-05", "06-10", "09-16"),
}
"""By year 春节, 清明节, 端午节, 中秋节, as the almanacs have them."""


@pytest.mark.parametrize("year", sorted(MOVABLE.keys() - PUBLISHED_YEARS))
def test_a_year_without_a_notice_has_the_statutory_days_and_as_many_working_days_less(year: int) -> None:
    spring, qingming, dragon_boat, mid_autumn = (date.fromisoformat(f"{year}-{day}") for day in MOVABLE[year])
    statutory = {
        date(year, 1, 1), qingming, dragon_boat, mid_autumn, date(year, 5, 1), date(year, 5, 2),
        *(spring + timedelta(days=offset) for offset in (-1, 0, 1, 2)), *(date(year, 10, day) for day in (1, 2, 3)),
    }  # fmt: skip
    assert not any(map(is_working_day, statutory))
    weekdays = [day for day in days_of(year) if day.weekday() < 5]
    assert sum(not is_working_day(day) for day in weekdays) == len(statutory)
    assert len(statutory) == (13 if mid_autumn.month == 9 else 12), "two festivals may share a day"
    assert not any(is_working_day(day) for day in days_of(year) if day.weekday() >= 5)


@pytest.mark.parametrize(
    ("first", "last", "provisional"),
    [
        (date(2026, 12, 1), date(2026, 12, 31), False),
        (date(2026, 12, 28), date(2027, 1, 4), True),
        (date(2023, 12, 29), date(2024, 1, 3), True),
        (date(2024, 12, 29), date(2026, 1, 3), False),
        (date(2028, 5, 1), date(2028, 5, 1), True),
    ],
)
def test_a_deadline_says_whether_it_may_still_move(first: date, last: date, *, provisional: bool) -> None:
    assert is_provisional(first, last) is provisional


def test_only_weekends_are_worked_in_exchange() -> None:
    assert all(day.weekday() >= 5 for day, works in EXCEPTIONS.items() if works)
    rows = read_table("holidays")
    assert len(rows) == len(EXCEPTIONS), "a day is listed twice"
    assert all(row["kind"] in {"holiday", "working_day"} and row["source"] for row in rows)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        pytest.param(date(2026, 11, 23), 0, date(2026, 11, 23), id="none"),
        pytest.param(date(2026, 11, 23), 5, date(2026, 11, 30), id="a week"),
        pytest.param(date(2026, 11, 28), 1, date(2026, 11, 30), id="from a Saturday"),
        pytest.param(date(2026, 9, 30), 1, date(2026, 10, 8), id="across 国庆节"),
        pytest.param(date(2026, 2, 12), 5, date(2026, 2, 26), id="across 春节 and two worked Saturdays"),
        pytest.param(date(2027, 9, 29), 5, date(2027, 10, 11), id="across 国庆节 of a year without a notice"),
    ],
)
def test_working_days_after(day: date, count: int, expected: date) -> None:
    assert working_days_after(day, count) == expected


def test_working_days_are_counted_forward() -> None:
    with pytest.raises(ValueError, match="negative"):
        working_days_after(date(2026, 1, 1), -1)


@pytest.mark.parametrize(
    ("since", "ends_at", "provisional"),
    [
        pytest.param(
            datetime(2026, 12, 28, 10, tzinfo=SHANGHAI), datetime(2027, 1, 6, tzinfo=SHANGHAI), True,
            id="1 January 2027 does not count, and 2027 has no notice yet",
        ),
        pytest.param(
            datetime(2026, 12, 24, 10, tzinfo=SHANGHAI), datetime(2027, 1, 1, tzinfo=SHANGHAI), False,
            id="the last instant of a published year",
        ),
        pytest.param(
            datetime(2027, 1, 16, 0, 30, tzinfo=SHANGHAI), datetime(2027, 1, 23, tzinfo=SHANGHAI), True,
            id="half an hour into a Saturday: five whole working days",
        ),
        pytest.param(
            datetime(2027, 9, 29, 10, tzinfo=SHANGHAI), datetime(2027, 10, 12, tzinfo=SHANGHAI), True,
            id="the statutory days of 国庆节 do not count",
        ),
    ],
)  # fmt: skip
def test_five_whole_working_days_and_whether_their_end_may_move(
    since: datetime, ends_at: datetime, *, provisional: bool
) -> None:
    assert end_of_working_days(business_date(since), 5) == ends_at
    assert is_deadline_provisional(since, ends_at) is provisional
