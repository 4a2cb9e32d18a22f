"""Which records are one natural person."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select, text

from shared.persistence import UnitOfWork

_SURVIVORS = text(
    """
    WITH RECURSIVE followed (asked, person_id, depth) AS (
        SELECT asked, asked, 0 FROM unnest(CAST(:ids AS uuid[])) AS asked
        UNION ALL
        SELECT followed.asked, fact.survivor_id, followed.depth + 1
        FROM followed JOIN person_facts AS fact ON fact.person_id = followed.person_id
        WHERE fact.survivor_id IS NOT NULL AND followed.depth < 16
    )
    SELECT DISTINCT ON (asked) asked, person_id FROM followed ORDER BY asked, depth DESC
    """
)
"""The end of each chain of survivors; sixteen records of one person are more than there will ever be."""


_RECORDS = text(
    """
    WITH RECURSIVE grown (survivor_id, person_id, depth) AS (
        SELECT asked, asked, 0 FROM unnest(CAST(:ids AS uuid[])) AS asked
        UNION ALL
        SELECT grown.survivor_id, fact.person_id, grown.depth + 1
        FROM grown JOIN person_facts AS fact ON fact.survivor_id = grown.person_id
        WHERE grown.depth < 16
    )
    SELECT person_id, survivor_id FROM grown
    """
)
MERGE_LOCK = 0x5041_594D_4552
"""Key of the advisory lock between mergers of records and whoever counts a benefit under a person."""


async def keep_mergers_out(uow: UnitOfWork) -> None:
    """Until the end of the transaction nobody's records are merged: who a person is stays as it is read now.

    Otherwise an opening could count a benefit under a record that a merger at the same moment no longer looks at.
    """
    # against a merger at the same moment
    await uow.session.execute(select(func.pg_advisory_xact_lock_shared(MERGE_LOCK)))


async def merge_alone(uow: UnitOfWork) -> None:
    """Wait for all who count benefits under persons, and keep them waiting until the end of the transaction."""
    # against an opening that has read who a person is and has not committed
    await uow.session.execute(select(func.pg_advisory_xact_lock(MERGE_LOCK)))


async def natural_persons(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The surviving record of each person; a person nobody told us about stands for himself."""
    rows = await uow.session.execute(_SURVIVORS, {"ids": list(set(ids))})
    return {row.asked: row.person_id for row in rows}


async def natural_person(uow: UnitOfWork, person_id: UUID) -> UUID:
    """The surviving record of one person: two accounts, or two records, of one officer are one person."""
    return (await natural_persons(uow, [person_id]))[person_id]


async def records_of(uow: UnitOfWork, persons: Collection[UUID]) -> dict[UUID, UUID]:
    """Every record of these surviving persons, their own among them, with the survivor that it belongs to."""
    rows = await uow.session.execute(_RECORDS, {"ids": list(set(persons))})
    return {row.person_id: row.survivor_id for row in rows}
