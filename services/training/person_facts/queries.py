"""Reading what training has heard about people."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import func, select

from services.training.person_facts.models import PersonFact
from shared.persistence import UnitOfWork


async def known_people(uow: UnitOfWork, people: Collection[UUID]) -> set[UUID]:
    """Those of `people` that are registered and not superseded, as far as training has heard."""
    known = select(PersonFact.person_id).where(PersonFact.person_id.in_(people), PersonFact.survivor_id.is_(None))
    return set(await uow.session.scalars(known))


async def same_people(uow: UnitOfWork, people: Iterable[UUID]) -> dict[UUID, UUID]:
    """Every record of each of `people`, with the one of `people` that it is a record of.

    A record that was superseded and its survivor are one person (DOMAIN §2); a person of whom nothing was heard is
    himself alone.
    """
    wanted = set(people)
    survivor = func.coalesce(PersonFact.survivor_id, PersonFact.person_id)
    survivors = {
        row.survivor: row.person_id
        for row in await uow.session.execute(
            select(PersonFact.person_id, survivor.label("survivor")).where(PersonFact.person_id.in_(wanted))
        )
    }
    records = {person: person for person in wanted}
    found = select(PersonFact.person_id, survivor.label("survivor")).where(survivor.in_(survivors))
    for row in await uow.session.execute(found):
        records.setdefault(row.person_id, survivors[row.survivor])
    return records
