"""Which records are one natural person."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

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


async def natural_persons(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The surviving record of each person; a person nobody told us about stands for himself."""
    rows = await uow.session.execute(_SURVIVORS, {"ids": list(set(ids))})
    return {row.asked: row.person_id for row in rows}


async def natural_person(uow: UnitOfWork, person_id: UUID) -> UUID:
    """The surviving record of one person: two accounts, or two records, of one officer are one person."""
    return (await natural_persons(uow, [person_id]))[person_id]
