"""Reading what is known of people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select

from services.evaluation.person_facts.models import PersonFacts
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A verified person. `records` holds every record of the same natural person, this one too."""

    person_id: UUID
    subject_digest: str
    area: str
    records: frozenset[UUID]


def records_of(person_id: UUID) -> Select[UUID]:
    """Every record of the natural person behind `person_id`, for the scope of other queries."""
    return select(func.records_of_person(person_id))


async def known_people(uow: UnitOfWork, ids: Iterable[UUID]) -> Mapping[UUID, KnownPerson]:
    """Those of `ids` that are registered people, each with its other records (`person.superseded`)."""
    asked = PersonFacts.person_id.in_(set(ids))
    named = list(await uow.session.scalars(select(PersonFacts).where(asked)))
    records: dict[UUID, set[UUID]] = {row.person_id: set() for row in named}
    every = select(PersonFacts.person_id, func.records_of_person(PersonFacts.person_id)).where(asked)
    for person_id, record_id in await uow.session.execute(every):
        records[person_id].add(record_id)
    return {
        row.person_id: KnownPerson(row.person_id, row.subject_digest, row.area, frozenset(records[row.person_id]))
        for row in named
    }


async def natural_persons(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """By record, which person it is: the same answer for every record of one person, and for nobody else's.

    A record that nobody told us about is a person of its own.
    """
    wanted = set(ids)
    people = await known_people(uow, wanted)
    return {one: min(people[one].records) if one in people else one for one in wanted}
