"""Who a person is, and which records are of one person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from services.audit.person_facts.models import PersonFact
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class Person:
    """One natural person: the record that stays, and all records that are of this person."""

    id: UUID
    area: str
    real_name_level: int
    registered_at: datetime
    record_ids: tuple[UUID, ...]


async def person(uow: UnitOfWork, person_id: UUID) -> Person | None:
    """The person that `person_id` stands for, also if that record was superseded; None if audit never heard of it."""
    root = select(func.coalesce(PersonFact.survivor_id, PersonFact.id)).where(PersonFact.id == person_id)
    statement = (
        select(PersonFact)
        .where(or_(PersonFact.id == root.scalar_subquery(), PersonFact.survivor_id == root.scalar_subquery()))
        .order_by(PersonFact.survivor_id.is_not(None), PersonFact.id)
    )
    records = list(await uow.session.scalars(statement))
    if not records:
        return None
    stays = records[0]
    ids = tuple(record.id for record in records)
    return Person(stays.id, stays.area, stays.real_name_level, stays.registered_at, ids)
