"""Keeps who is registered, and which records turned out to be of one person, in whatever order the mergers come."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.voucher import PersonMovedV1, PersonRegisteredV1, PersonRenamedV1, PersonSupersededV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork
from shared.persons.queries import MERGE_LOCK
from shared.persons.tables import persons


async def merge_alone(uow: UnitOfWork) -> None:
    """Wait for all who rely on who is one person, and for other mergers; keep them waiting until the transaction ends.

    Two mergers at once, A into B and B into C, would leave A with B, since neither sees the other's row.
    """
    # against another merger, and against whoever has read who a person is and has not committed
    await uow.session.execute(select(func.pg_advisory_xact_lock(MERGE_LOCK)))


async def on_person_registered(uow: UnitOfWork, events: Sequence[PersonRegisteredV1]) -> None:
    """A person is known from now on."""
    rows = [
        {
            "id": event.id,
            "version": event.version,
            "area": event.area,
            "subject_digest": event.subject_digest,
            "real_name_level": event.real_name_level,
            "masked_name": event.masked_name,
            "registered_at": event.business_at,
        }
        for event in events
    ]
    await uow.session.execute(insert(persons).values(rows))


async def on_person_superseded(uow: UnitOfWork, events: Sequence[PersonSupersededV1]) -> None:
    """Two records are one person: this one, and all that it stood for, count under the survivor from now on.

    The survivor may have been superseded itself already, or not be registered here yet.
    """
    await merge_alone(uow)
    for event in events:
        stands_for_it = select(persons.c.survivor_id).where(persons.c.id == event.survivor_id)
        survivor = await uow.session.scalar(stands_for_it) or event.survivor_id
        merged = (persons.c.id == event.id) | (persons.c.survivor_id == event.id)
        await uow.session.execute(update(persons).where(merged).values(survivor_id=survivor))


async def on_person_moved(uow: UnitOfWork, events: Sequence[PersonMovedV1]) -> None:
    """The person's own area is another from now on (R15)."""
    for event in events:
        await _change(uow, event.id, version=event.version, area=event.area)


async def on_person_renamed(uow: UnitOfWork, events: Sequence[PersonRenamedV1]) -> None:
    """Certificates from now on have the digest of the new name, and show it masked (R27)."""
    for event in events:
        renamed = {"subject_digest": event.subject_digest, "masked_name": event.masked_name}
        await _change(uow, event.id, version=event.version, **renamed)


async def _change(uow: UnitOfWork, person_id: UUID, **values: object) -> None:
    await uow.session.execute(update(persons).where(persons.c.id == person_id).values(**values))


HANDLERS: Handlers = {
    PersonRegisteredV1: on_person_registered,
    PersonMovedV1: on_person_moved,
    PersonRenamedV1: on_person_renamed,
    PersonSupersededV1: on_person_superseded,
}
