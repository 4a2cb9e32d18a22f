"""Hears from voucher who is registered, and which records turned out to be of one person."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from services.training.person_facts.models import PersonFact
from shared.contracts.voucher import PersonRegisteredV1, PersonSupersededV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_person_registered(uow: UnitOfWork, events: Sequence[PersonRegisteredV1]) -> None:
    """Keep that these people are registered."""
    rows = [{"person_id": event.id, "area": event.area, "version": event.version} for event in events]
    await uow.session.execute(insert(PersonFact).values(rows).on_conflict_do_nothing())


async def on_person_superseded(uow: UnitOfWork, events: Sequence[PersonSupersededV1]) -> None:
    """Keep whose records these are: always the last survivor, in whatever order the mergers are heard."""
    other = aliased(PersonFact)
    for event in events:
        later = select(other.survivor_id).where(other.person_id == event.survivor_id).scalar_subquery()
        same = (PersonFact.person_id == event.id) | (PersonFact.survivor_id == event.id)
        survivor = func.coalesce(later, event.survivor_id)
        await uow.session.execute(
            update(PersonFact).where(same).values(survivor_id=survivor),
            execution_options={"synchronize_session": False},
        )


HANDLERS: Handlers = {PersonRegisteredV1: on_person_registered, PersonSupersededV1: on_person_superseded}
