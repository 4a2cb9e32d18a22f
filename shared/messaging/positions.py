"""A consumer's memory: how far it has applied each aggregate, advanced in the transaction of the effect."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from sqlalchemy import ARRAY, Integer, Text, bindparam, text

from shared.persistence import Busy, UnitOfWork, map_constraint

Aggregate: TypeAlias = tuple[str, str]

map_constraint("pk_positions", Busy)

ARRAYS = (bindparam("types", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Text)))

LOCK = text(
    """
    SELECT p.aggregate_type, p.aggregate_id, p.version
    FROM positions p
    JOIN unnest(:types, :ids) AS wanted (aggregate_type, aggregate_id) USING (aggregate_type, aggregate_id)
    WHERE p.consumer = :consumer
    ORDER BY p.aggregate_type, p.aggregate_id
    FOR UPDATE OF p
    """  # against a frozen consumer that wakes up beside its successor
).bindparams(*ARRAYS)

INSERT = text(
    """
    INSERT INTO positions (consumer, aggregate_type, aggregate_id, version)
    SELECT :consumer, given.* FROM unnest(:types, :ids, :versions) AS given
    """
).bindparams(*ARRAYS, bindparam("versions", type_=ARRAY(Integer)))

ADVANCE = text(
    """
    UPDATE positions p SET version = given.version
    FROM unnest(:types, :ids, :versions) AS given (aggregate_type, aggregate_id, version)
    WHERE p.consumer = :consumer
        AND p.aggregate_type = given.aggregate_type AND p.aggregate_id = given.aggregate_id
    """
).bindparams(*ARRAYS, bindparam("versions", type_=ARRAY(Integer)))

PARKED = text(
    """
    SELECT DISTINCT e.aggregate_type, e.aggregate_id
    FROM parked_events e
    JOIN unnest(:types, :ids) AS wanted (aggregate_type, aggregate_id) USING (aggregate_type, aggregate_id)
    WHERE e.consumer = :consumer
    """
).bindparams(*ARRAYS)


async def lock_positions(uow: UnitOfWork, consumer: str, aggregates: Iterable[Aggregate]) -> dict[Aggregate, int]:
    """The last version applied of each aggregate that was received at all, locked."""
    rows = await uow.session.execute(LOCK, {"consumer": consumer, **_columns(aggregates)})
    return {(row.aggregate_type, row.aggregate_id): row.version for row in rows}


async def advance_positions(
    uow: UnitOfWork, consumer: str, before: Mapping[Aggregate, int], after: Mapping[Aggregate, int]
) -> None:
    """Remember `after`. Somebody else who receives the same aggregate for the first time makes either `Busy`."""
    first = {aggregate: version for aggregate, version in after.items() if aggregate not in before}
    further = {aggregate: version for aggregate, version in after.items() if before.get(aggregate, version) != version}
    for statement, changed in ((INSERT, first), (ADVANCE, further)):
        if changed:
            versions = [changed[aggregate] for aggregate in sorted(changed)]
            await uow.session.execute(statement, {"consumer": consumer, **_columns(changed), "versions": versions})


async def parked_aggregates(uow: UnitOfWork, consumer: str, aggregates: Iterable[Aggregate]) -> set[Aggregate]:
    """Those of the aggregates that have an event parked: whatever comes later parks behind it."""
    rows = await uow.session.execute(PARKED, {"consumer": consumer, **_columns(aggregates)})
    return {(row.aggregate_type, row.aggregate_id) for row in rows}


def _columns(aggregates: Iterable[Aggregate]) -> dict[str, list[str]]:
    ordered = sorted(aggregates)
    return {"types": [kind for kind, _ in ordered], "ids": [identity for _, identity in ordered]}
