"""Keeps who is registered, and which records turned out to be of one person, in whatever order the mergers come."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.voucher import (
    PersonMovedV1,
    PersonRegisteredV1,
    PersonRenamedV1,
    PersonSeparatedV1,
    PersonSupersededV1,
)
from shared.messaging import Handlers
from shared.persistence import UnitOfWork
from shared.persons.queries import MERGE_LOCK, records_of
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
        together = await records_of(uow, [event.id, event.survivor_id])
        await _change(uow, event.id, merged_into=event.survivor_id)
        await _stand_again(uow, together)


async def on_person_separated(uow: UnitOfWork, events: Sequence[PersonSeparatedV1]) -> None:
    """A merger was undone (R16): this record, and those that were merged into it, count for themselves again."""
    await merge_alone(uow)
    for event in events:
        together = await records_of(uow, [event.id])
        await _change(uow, event.id, merged_into=None, survivor_id=None)
        await _stand_again(uow, together)


async def _stand_again(uow: UnitOfWork, records: Collection[UUID]) -> None:
    """Say of records that were one person, or are one now, which record stands for each: the end of its chain."""
    found = select(persons.c.id, persons.c.survivor_id, persons.c.merged_into).where(persons.c.id.in_(records))
    rows = (await uow.session.execute(found)).all()
    chain = {row.id: row.merged_into for row in rows if row.merged_into is not None}
    for row in rows:
        end = end_of_chain(row.id, chain)
        survivor = end if end != row.id else None
        if survivor != row.survivor_id:
            await _change(uow, row.id, survivor_id=survivor)


def end_of_chain(record: UUID, chain: Mapping[UUID, UUID]) -> UUID:
    """Where the mergers lead from a record. `chain` says what each merged record was merged into.

    They lead in a circle while B into A was received and the undoing of A into B was not: until then all of the circle
    are one person, under the least of them.
    """
    passed = [record]
    while (following := chain.get(passed[-1])) is not None:
        if following in passed:
            return min(passed[passed.index(following) :])
        passed.append(following)
    return passed[-1]


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
    PersonSeparatedV1: on_person_separated,
}
