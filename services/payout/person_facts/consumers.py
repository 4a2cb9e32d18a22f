"""What voucher says about persons; this room is written here and nowhere else."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from services.payout.person_facts.models import PersonFact
from shared.contracts.voucher import PersonRegisteredV1, PersonSupersededV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_person_registered(uow: UnitOfWork, events: Sequence[PersonRegisteredV1]) -> None:
    """A person is known from now on."""
    rows = [{"person_id": event.id, "version": event.version, "area": event.area} for event in events]
    statement = insert(PersonFact)
    known = {"version": statement.excluded.version, "area": statement.excluded.area}
    await uow.session.execute(statement.on_conflict_do_update(index_elements=[PersonFact.person_id], set_=known), rows)


async def on_person_superseded(uow: UnitOfWork, events: Sequence[PersonSupersededV1]) -> None:
    """Two records are one person: from now on both count under the survivor."""
    rows = [{"person_id": event.id, "version": event.version, "survivor_id": event.survivor_id} for event in events]
    statement = insert(PersonFact)
    known = {"version": statement.excluded.version, "survivor_id": statement.excluded.survivor_id}
    await uow.session.execute(statement.on_conflict_do_update(index_elements=[PersonFact.person_id], set_=known), rows)


HANDLERS: Handlers = {PersonRegisteredV1: on_person_registered, PersonSupersededV1: on_person_superseded}
