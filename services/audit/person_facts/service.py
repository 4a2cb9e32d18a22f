"""Keeping people: registered once, and two records of one person counted as one."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.audit.person_facts.models import PersonFact
from shared.contracts.voucher import PersonRegisteredV1, PersonSupersededV1
from shared.persistence import UnitOfWork

MERGE_LOCK = 0x5041_5045_5253
"""Key of the advisory lock under which records are joined, so that chains of them always end at one survivor."""


async def keep_people(uow: UnitOfWork, people: Sequence[PersonRegisteredV1]) -> None:
    """Keep newly registered people."""
    rows = [
        {
            "id": person.id,
            "area": person.area,
            "real_name_level": person.real_name_level,
            "registered_at": person.business_at,
        }
        for person in people
    ]
    await uow.session.execute(insert(PersonFact).values(rows))


async def join_records(uow: UnitOfWork, merges: Sequence[PersonSupersededV1]) -> None:
    """Point superseded records, and those that already pointed at them, at the record that stays.

    Merges of different people come in any order: one that was heard late is followed to its own survivor. They are few,
    so one at a time under a lock.
    """
    await uow.session.execute(select(func.pg_advisory_xact_lock(MERGE_LOCK)))
    for merge in merges:
        survivor = await uow.session.scalar(
            select(func.coalesce(PersonFact.survivor_id, PersonFact.id)).where(PersonFact.id == merge.survivor_id)
        )
        joined = or_(PersonFact.id == merge.id, PersonFact.survivor_id == merge.id)
        await uow.session.execute(update(PersonFact).where(joined).values(survivor_id=survivor or merge.survivor_id))
