"""The moments at which the tests are run, and that a test's database begins at the one that is named."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared.kernel.clock import SHANGHAI, business_date
from tests.clock import START, VARIABLE, business_now, parse_moment
from tests.databases import Databases
from tests.moments import moments

SOON = timedelta(minutes=1)
PROJECT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("now", ["2026-11-25T23:59", "2027-12-31T23:59", "2028-02-29T00:00", "2026-09-30T15:00"])
def test_every_moment_lies_ahead_and_is_what_it_is_called(now: str) -> None:
    since = parse_moment(now)
    found = moments(since)
    assert all(since < moment < since + timedelta(days=4 * 366) for moment in found.values())
    assert [f"{found[name]:%H:%M}" for name in list(found)[:2]] == ["00:30", "23:30"]
    assert f"{found['a Saturday']:%w}" == "6"
    assert f"{found['31 December']:%m-%d} {found['29 February']:%m-%d}" == "12-31 02-29"


def test_the_day_before_a_long_holiday_is_looked_up_where_it_is_published() -> None:
    for now, eve in (("2026-01-05T12:00", date(2026, 2, 14)), ("2031-01-05T12:00", date(2031, 9, 30))):
        assert business_date(moments(parse_moment(now))["the day before a long holiday"]) == eve


def test_a_moment_is_in_shanghai_unless_it_says_otherwise() -> None:
    assert parse_moment("2028-02-29T00:30") == datetime(2028, 2, 28, 16, 30, tzinfo=UTC)
    assert parse_moment("2028-02-29T00:30+00:00") == datetime(2028, 2, 29, 0, 30, tzinfo=UTC)


async def test_a_fresh_database_has_the_business_time_that_tests_take_for_now(databases: Databases) -> None:
    async with databases.clone("probe") as probe, probe.api.unit_of_work() as uow:
        assert abs(uow.now - business_now()) < SOON
        assert abs(uow.recorded_at - datetime.now(UTC)) < SOON
        if START is not None:
            assert abs(uow.now - START) < SOON


def test_the_named_moment_is_where_databases_begin() -> None:
    """In a process of its own, since the moment is read once."""
    tomorrow = business_date(datetime.now(SHANGHAI)) + timedelta(days=1)
    start = f"{tomorrow}T23:30"
    test = f"{Path(__file__).name}::test_a_fresh_database_has_the_business_time_that_tests_take_for_now"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", f"tests/{test}"]
    ended = subprocess.run(command, env={**os.environ, VARIABLE: start}, cwd=PROJECT, capture_output=True, check=False)  # noqa: S603  # our own test
    assert ended.returncode == 0, ended.stdout
