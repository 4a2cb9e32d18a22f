"""Answers are kept for seven days; then their keys are free again."""

import pytest
from sqlalchemy import text

from shared.persistence import retention
from shared.persistence.retention import delete_old_answers
from tests.databases import Databases

GIVE_ANSWERS = text(
    """
    INSERT INTO idempotency_keys (principal, method, route, key, body_hash, created_at)
    SELECT 'somebody', 'POST', '/v1/lamps', days || ' days, ' || hours || ' hours', '\\x00'::bytea,
        clock_timestamp() - make_interval(days => days, hours => hours)
    FROM unnest(ARRAY[0, 6, 6, 7, 8, 30, 30], ARRAY[0, 0, 23, 1, 0, 0, 1]) AS given (days, hours)
    """
)
LEFT = text("SELECT key FROM idempotency_keys ORDER BY created_at DESC")


async def test_what_is_older_than_seven_days_goes_whatever_there_is_of_it(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As each service's worker may do it, and no more than that."""
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
    async with databases.clone("payout") as database:
        async with database.owner.engine.begin() as connection:
            await connection.execute(GIVE_ANSWERS)
        assert await delete_old_answers(database.worker) == 4
        async with database.owner.engine.connect() as connection:
            left = list(await connection.scalars(LEFT))
        assert left == ["0 days, 0 hours", "6 days, 0 hours", "6 days, 23 hours"]
        assert await delete_old_answers(database.worker) == 0
