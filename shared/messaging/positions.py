"""A consumer's memory: how far it has applied each aggregate, advanced in the transaction of the effect."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, text

from shared.persistence import Busy, UnitOfWork, map_constraint

Aggregate: TypeAlias = tuple[str, str]


class Position(NamedTuple):
    """The last event of an aggregate that was applied: its version and its id."""

    version: int
    event_id: UUID | None


BEGINNING = Position(0, None)
"""Nothing of the aggregate has been applied yet."""

map_constraint("pk_positions", Busy)

AGGREGATES = (bindparam("types", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Text)))
POSITIONS = (*AGGREGATES, bindparam("versions", type_=ARRAY(Integer)), bindparam("event_ids", type_=ARRAY(Uuid)))

LOCK = text(
    """
    SELECT p.aggregate_type, p.aggregate_id, p.version, p.event_id
    FROM positions p
    JOIN unnest(:types, :ids) AS wanted (aggregate_type, aggregate_id) USING (aggregate_type, aggregate_id)
    WHERE p.consumer = :consumer
    ORDER BY p.aggregate_type, p.aggregate_id
    FOR UPDATE OF p
    """  # against a frozen consumer that wakes up beside its successor
).bindparams(*AGGREGATES)

INSERT = text(
    """
    INSERT INTO positions (consumer, aggregate_type, aggregate_id, version, event_id)
    SELECT :consumer, given.* FROM unnest(:types, :ids, :versions, :event_ids) AS given
    """
).bindparams(*POSITIONS)

ADVANCE = text(
    """
    UPDATE positions p SET version = given.version, event_id = given.event_id
    FROM unnest(:types, :ids, :versions, :event_ids) AS given (aggregate_type, aggregate_id, version, event_id)
    WHERE p.consumer = :consumer
        AND p.aggregate_type = given.aggregate_type AND p.aggregate_id = given.aggregate_id
    """
).bindparams(*POSITIONS)

PARKED = text(
    """
    SELECT DISTINCT e.aggregate_type, e.aggregate_id
    FROM parked_events e
    JOIN unnest(:types, :ids) AS wanted (aggregate_type, aggregate_id) USING (aggregate_type, aggregate_id)
    WHERE e.consumer = :consumer
    """
).bindparams(*AGGREGATES)


async def lock_positions(uow: UnitOfWork, consumer: str, aggregates: Iterable[Aggregate]) -> dict[Aggregate, Position]:
    """The last event applied of each aggregate that was received at all, locked."""
    rows = await uow.session.execute(LOCK, {"consumer": consumer, **_columns(aggregates)})
    return {(row.aggregate_type, row.aggregate_id): Position(row.version, row.event_id) for row in rows}


async def advance_positions(
    uow: UnitOfWork, consumer: str, before: Mapping[Aggregate, Position], after: Mapping[Aggregate, Position]
) -> None:
    """Remember `after`. Somebody else who receives the same aggregate for the first time makes either `Busy`."""
    first = {aggregate: position for aggregate, position in after.items() if aggregate not in before}
    further = {aggregate: at for aggregate, at in after.items() if before.get(aggregate, at) != at}
    for statement, changed in ((INSERT, first), (ADVANCE, further)):
        if changed:
            positions = [changed[aggregate] for aggregate in sorted(changed)]
            reached = {"versions": [at.version for at in positions], "event_ids": [at.event_id for at in positions]}
            await uow.session.execute(statement, {"consumer": consumer, **_columns(changed), **reached})


async def parked_aggregates(uow: UnitOfWork, consumer: str, aggregates: Iterable[Aggregate]) -> set[Aggregate]:
    """Those of the aggregates that have an event parked: whatever comes later parks behind it."""
    rows = await uow.session.execute(PARKED, {"consumer": consumer, **_columns(aggregates)})
    return {(row.aggregate_type, row.aggregate_id) for row in rows}


def _columns(aggregates: Iterable[Aggregate]) -> dict[str, list[str]]:
    ordered = sorted(aggregates)
    return {"types": [kind for kind, _ in ordered], "ids": [identity for _, identity in ordered]}
