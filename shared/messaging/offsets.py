"""How far a consumer has come in each partition: kept in its own database, advanced in the transaction of the effect.

What its group has committed is never relied on: whoever has the group's credentials can commit what nobody applied,
and the last event of an aggregate leaves no gap behind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from shared.messaging.records import Received
from shared.persistence import Database, UnitOfWork
from shared.persistence.plumbing import offsets

Place: TypeAlias = tuple[str, int]
"""A topic and the number of one of its partitions."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Records that the consumer did not receive: `count` of them, from the offset `first` on."""

    topic: str
    partition: int
    first: int
    count: int


async def read_offsets(database: Database, consumer: str) -> dict[Place, int]:
    """By partition, the offset of the record that comes next; partitions of which none came yet are left out."""
    statement = select(offsets.c.topic, offsets.c.partition, offsets.c.next_offset)
    async with database.engine.connect() as connection:
        rows = await connection.execute(statement.where(offsets.c.consumer == consumer))
        return {(topic, partition): next_offset for topic, partition, next_offset in rows}


async def advance_offsets(
    uow: UnitOfWork, consumer: str, received: Sequence[Received], applied: Iterable[Received] = ()
) -> list[Missing]:
    """Remember how far `received` goes in each partition; answers what was left out before or between its records.

    A member that is late receives what another has been through, and takes nothing back. Only what is `applied` does:
    then the partition was written anew, as when a broker has lost its end.
    """
    before = await _lock(uow, consumer, {(item.record.topic, item.record.partition) for item in received})
    after, missing, effects = dict(before), list[Missing](), {item.record.place for item in applied}
    for item in received:
        topic, partition, offset = item.record.place
        expected = after.get((topic, partition), 0)
        if offset > expected:
            missing.append(Missing(topic, partition, expected, offset - expected))
        after[topic, partition] = offset + 1 if item.record.place in effects else max(expected, offset + 1)
    rows = [
        {"consumer": consumer, "topic": topic, "partition": partition, "next_offset": reached}
        for (topic, partition), reached in sorted(after.items())
        if reached != before.get((topic, partition))
    ]
    if rows:
        new = insert(offsets).values(rows)
        changes = {"next_offset": new.excluded.next_offset}
        await uow.session.execute(new.on_conflict_do_update(index_elements=list(offsets.primary_key), set_=changes))
    return missing


async def _lock(uow: UnitOfWork, consumer: str, places: Iterable[Place]) -> dict[Place, int]:
    statement = (
        select(offsets.c.topic, offsets.c.partition, offsets.c.next_offset)
        .where(offsets.c.consumer == consumer, tuple_(offsets.c.topic, offsets.c.partition).in_(sorted(places)))
        .order_by(offsets.c.topic, offsets.c.partition)
        .with_for_update()  # against a member that is late and brings the same partition
    )
    rows = await uow.session.execute(statement)
    return {(topic, partition): next_offset for topic, partition, next_offset in rows}
