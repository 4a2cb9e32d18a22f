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
    named = list(await uow.session.scalars(select(PersonFacts).where(PersonFacts.person_id.in_(set(ids)))))
    clusters = {head: {head} for head in (row.survivor_id or row.person_id for row in named)}
    absorbed = select(PersonFacts.person_id, PersonFacts.survivor_id).where(PersonFacts.survivor_id.in_(clusters))
    for person_id, survivor_id in await uow.session.execute(absorbed):
        if survivor_id is not None:
            clusters[survivor_id].add(person_id)
    return {
        row.person_id: KnownPerson(
            row.person_id, row.subject_digest, row.area, frozenset(clusters[row.survivor_id or row.person_id])
        )
        for row in named
    }
