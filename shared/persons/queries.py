"""Which records are one natural person. A record of which nothing was received stands for itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CompoundSelect, Uuid, func, literal, or_, select, union

from shared.persistence import UnitOfWork
from shared.persons.tables import persons
from shared.security import PersonNotRegistered

MERGE_LOCK = 0x5045_5253_4F4E
"""Key of the advisory lock between mergers of records and whoever relies on who is one person."""

_STANDS_FOR = func.coalesce(persons.c.survivor_id, persons.c.id)


@dataclass(frozen=True, slots=True)
class Person:
    """A registered record of a person. `records` are all records of the same natural person, this one too."""

    id: UUID
    area: str
    subject_digest: str
    masked_name: str | None
    real_name_level: int
    registered_at: datetime
    survivor_id: UUID | None
    records: frozenset[UUID]

    @property
    def natural_person(self) -> UUID:
        """The record that stands for the natural person."""
        return self.survivor_id or self.id


async def keep_merges_out(uow: UnitOfWork) -> None:
    """Until the end of the transaction no records are merged: who a person is stays as it is read now."""
    # against a merger between the reading of who a person is and the writing of what follows from it
    await uow.session.execute(select(func.pg_advisory_xact_lock_shared(MERGE_LOCK)))


async def natural_persons(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """By record, the record that stands for the natural person."""
    known = select(persons.c.id, _STANDS_FOR.label("person")).where(persons.c.id.in_(set(ids)))
    found = {row.id: row.person for row in await uow.session.execute(known)}
    return {record: found.get(record, record) for record in ids}


async def natural_person(uow: UnitOfWork, person_id: UUID) -> UUID:
    """The record that stands for one natural person: two accounts, or two records, of one officer are one."""
    return (await natural_persons(uow, [person_id]))[person_id]


async def is_registered(uow: UnitOfWork, person_id: UUID) -> bool:
    """Whether a person is known here, and the record that stands for them too."""
    named = persons.alias("named")
    stands_for_it = persons.c.id == func.coalesce(named.c.survivor_id, named.c.id)
    known = select(persons.c.id).join(named, stands_for_it).where(named.c.id == person_id)
    return await uow.session.scalar(known) is not None


async def registered_person(uow: UnitOfWork, person_id: UUID) -> UUID:
    """The record that stands for one natural person who is registered; `PersonNotRegistered` if they are not."""
    if not await is_registered(uow, person_id):
        raise PersonNotRegistered
    return await natural_person(uow, person_id)


async def records_of(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Every record of each of these persons, named by any of their records, with the record that stands for it."""
    standing = await natural_persons(uow, ids)
    merged = select(persons.c.id, persons.c.survivor_id).where(persons.c.survivor_id.in_(set(standing.values())))
    records = {row.id: row.survivor_id for row in await uow.session.execute(merged)}
    return {**{person: person for person in standing.values()}, **standing, **records}


def records_of_person(person_id: UUID) -> CompoundSelect[tuple[UUID]]:
    """Every record of one natural person, this one whether it is known or not, for the scope of other queries."""
    named = persons.alias("named")
    person = select(func.coalesce(named.c.survivor_id, named.c.id)).where(named.c.id == person_id).scalar_subquery()
    known = select(persons.c.id).where(or_(persons.c.id == person, persons.c.survivor_id == person))
    return union(select(literal(person_id, Uuid).label("id")), known)


async def known_persons(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Person]:
    """Those of `ids` that are registered, by record, each with the other records of the same natural person."""
    rows = list(await uow.session.execute(select(persons).where(persons.c.id.in_(set(ids)))))
    owners = await records_of(uow, [row.id for row in rows])
    records: dict[UUID, set[UUID]] = {}
    for record, person in owners.items():
        records.setdefault(person, set()).add(record)
    return {
        row.id: Person(
            row.id,
            row.area,
            row.subject_digest,
            row.masked_name,
            row.real_name_level,
            row.registered_at,
            row.survivor_id,
            frozenset(records[row.survivor_id or row.id]),
        )
        for row in rows
    }


async def person_behind(uow: UnitOfWork, person_id: UUID) -> Person | None:
    """The natural person behind any record; None if nothing was received of it.

    Area and real-name level are those of the record that stands for the person, or, while that one is not registered
    here yet, of the record named.
    """
    known = await known_persons(uow, [person_id, await natural_person(uow, person_id)])
    named = known.get(person_id)
    return known.get(named.natural_person, named) if named else None
