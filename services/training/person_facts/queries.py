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
    """Every record of each of `people`, with the person it is of: the last survivor of its mergers.

    A record that was superseded and its survivor are one person (DOMAIN §2); a record of which nothing was heard is a
    person of its own.
    """
    wanted = set(people)
    person = func.coalesce(PersonFact.survivor_id, PersonFact.person_id)
    persons = set(await uow.session.scalars(select(person).where(PersonFact.person_id.in_(wanted))))
    found = select(PersonFact.person_id, person.label("person")).where(person.in_(persons))
    records = {row.person_id: row.person for row in await uow.session.execute(found)}
    return {**{record: record for record in wanted}, **records}
