"""What is kept for a time only, and then deleted: answers to requests that may be repeated."""

from datetime import timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.types import DateTime

from shared.persistence.database import Database

ANSWERS_KEPT = timedelta(days=7)
"""How long a request may be repeated under its key; recorded time. Later it is a new request."""
ROWS_AT_ONCE = 5_000
DELETE_OLD_ANSWERS = text(
    """
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_keys WHERE created_at < :before LIMIT :most))
    """
).bindparams(bindparam("before", type_=DateTime(timezone=True)))


async def delete_old_answers(database: Database) -> int:
    """Delete the answers whose keys nobody repeats any more, a few thousand a transaction; answers how many."""
    deleted = 0
    while True:
        async with database.unit_of_work() as uow:
            old = {"before": uow.recorded_at - ANSWERS_KEPT, "most": ROWS_AT_ONCE}
            rows: int = (await uow.session.execute(DELETE_OLD_ANSWERS, old)).rowcount  # type: ignore[attr-defined]  # a DELETE counts its rows
        deleted += rows
        if rows < ROWS_AT_ONCE:
            return deleted
