"""Dated rules: the value of the day, a named refusal where there is none, and never two values for one day."""

from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from shared.persistence import RuleMissing, rules_on
from shared.persistence.dated import dated_rules, metadata
from shared.persistence.refusals import constraint_of
from tests.databases import ServiceDatabase

ROWS = [
    {
        "name": "validity_days",
        "valid_from": date(2021, 1, 1),
        "valid_to": date(2026, 6, 30),
        "value": 90,
        "source": "D3",
    },
    {"name": "validity_days", "valid_from": date(2026, 7, 1), "valid_to": None, "value": 60, "source": "D3"},
    {"name": "asked", "valid_from": date(2021, 1, 1), "valid_to": None, "value": 1, "source": "A13"},
]


@dataclass(frozen=True)
class Rules:
    """What a service lives by."""

    validity_days: int
    asked: bool


@pytest.fixture
async def ruled(probe: ServiceDatabase) -> ServiceDatabase:
    """The probe with a table of rules."""
    async with probe.owner.engine.begin() as connection:
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
        await connection.run_sync(metadata.create_all)
        await connection.execute(insert(dated_rules), ROWS)
    return probe


async def test_the_value_of_the_day(ruled: ServiceDatabase) -> None:
    async with ruled.owner.unit_of_work() as uow:
        assert await rules_on(uow, Rules, date(2026, 6, 30)) == Rules(90, asked=True)
        assert await rules_on(uow, Rules, date(2026, 7, 1)) == Rules(60, asked=True)


async def test_a_day_without_a_value_is_refused_by_the_name_of_the_rule(ruled: ServiceDatabase) -> None:
    async with ruled.owner.unit_of_work() as uow:
        with pytest.raises(RuleMissing, match="validity_days has no value on 2020-12-31"):
            await rules_on(uow, Rules, date(2020, 12, 31))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"valid_from": date(2026, 6, 30)}, "ex_dated_rules_days"),
        ({"name": "other", "valid_from": date(2026, 6, 30), "valid_to": date(2026, 6, 29)}, "ck_dated_rules_days"),
        ({"name": "other", "value": -1}, "ck_dated_rules_value"),
    ],
)
async def test_the_database_refuses_two_values_for_a_day(
    ruled: ServiceDatabase, change: dict[str, object], constraint: str
) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with ruled.owner.engine.begin() as connection:
            await connection.execute(insert(dated_rules), [{**ROWS[1], **change}])
    assert constraint_of(raised.value) == constraint
