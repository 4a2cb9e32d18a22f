"""Comparing what a consumer has received with the rows of those who emit, aggregate by aggregate, and mending it.

A last event that never reached its topic, or was deleted from it, leaves no gap behind. The owner's row says how many
events an aggregate has had, a consumer's positions say how many came. What is missing is parked as such: so it counts,
is listed, and holds back what comes behind it. The audit log has the very bytes that can take its place.
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

from sqlalchemy import ARRAY, Integer, Text, bindparam, select, text

from shared.messaging.consumer import GAP, PARK, Consumer
from shared.messaging.parked import MISSING, ParkedEventStillFails, forget_arrived, replay_parked
from shared.messaging.positions import Aggregate
from shared.messaging.records import Record
from shared.messaging.topics import topic_of
from shared.observability import logger
from shared.persistence import Database, UnitOfWork
from shared.persistence.models import lifecycle_models
from shared.persistence.plumbing import parked_events
from shared.persistence.rows import key_of
from shared.persistence.unit_of_work import partition_of

FROM_LOG = "from_log"
"""The code of a parked event that came by the audit log."""
ROWS_AT_ONCE = 5_000

KEEP_CONSUMERS_OUT = text("LOCK TABLE positions IN EXCLUSIVE MODE")
"""Against a consumer that is about to apply what seems to be missing."""
BEHIND = text(
    """
    SELECT given.aggregate_type, given.aggregate_id, given.version
    FROM unnest(:types, :ids, :versions) AS given (aggregate_type, aggregate_id, version)
    LEFT JOIN positions p ON p.consumer = :consumer
        AND p.aggregate_type = given.aggregate_type AND p.aggregate_id = given.aggregate_id
    WHERE coalesce(p.version, 0) < given.version AND NOT EXISTS (
        SELECT FROM parked_events e WHERE e.consumer = :consumer
            AND e.aggregate_type = given.aggregate_type AND e.aggregate_id = given.aggregate_id)
    """
).bindparams(
    bindparam("types", type_=ARRAY(Text)),
    bindparam("ids", type_=ARRAY(Text)),
    bindparam("versions", type_=ARRAY(Integer)),
)
INCOMPLETE = text(
    """
    SELECT DISTINCT e.aggregate_type, e.aggregate_id, coalesce(p.version, 0)
    FROM parked_events e
    LEFT JOIN positions p USING (consumer, aggregate_type, aggregate_id)
    WHERE e.consumer = :consumer AND e.code IN (:missing, :gap)
    ORDER BY e.aggregate_type, e.aggregate_id
    """
)

log = logger("reconciliation")


class LastVersion(NamedTuple):
    """How many events an aggregate has had: as its owner's row says, or as a consumer has received."""

    aggregate_type: str
    aggregate_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Logged:
    """An event as the audit log has it."""

    index: int
    aggregate_type: str
    aggregate_id: str
    version: int
    envelope: bytes


async def last_versions(database: Database, service: str) -> AsyncIterator[LastVersion]:
    """Every aggregate that the service owns, as its rows say in one snapshot; all its models must be loaded."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        for model in lifecycle_models(service):
            async for aggregate_id, version in await connection.stream(select(key_of(model), model.version)):
                yield LastVersion(model.lifecycle.type, str(aggregate_id), version)


async def find_behind(uow: UnitOfWork, consumer: str, emitted: Iterable[LastVersion]) -> list[LastVersion]:
    """Those aggregates of which the consumer has received less, and has nothing parked."""
    found: list[LastVersion] = []
    rest = iter(emitted)
    while part := list(islice(rest, ROWS_AT_ONCE)):
        types, ids, versions = map(list, zip(*part, strict=True))
        given = {"consumer": consumer, "types": types, "ids": ids, "versions": versions}
        found += [LastVersion(*row) for row in await uow.session.execute(BEHIND, given)]
    return found


async def park_missing(database: Database, consumer: Consumer, emitted: Iterable[LastVersion]) -> list[LastVersion]:
    """Park what the consumer lacks of these aggregates; answers those that it lacked something of until now.

    Consumers wait meanwhile: nothing is taken for missing that is just being applied. An event on its way is, so let
    those that are behind catch up first.
    """
    async with database.unit_of_work(consumer.actor) as uow:
        await uow.session.execute(KEEP_CONSUMERS_OUT)
        await forget_arrived(uow, consumer.name)
        behind = await find_behind(uow, consumer.name, emitted)
        if behind:
            await uow.session.execute(PARK, [_missing_row(consumer.name, last) for last in behind])
    for last in behind:
        log.error("events_missing", type=last.aggregate_type, aggregate=last.aggregate_id, emitted=last.version)
    return behind


async def list_incomplete(database: Database, consumer: str) -> list[LastVersion]:
    """The aggregates of which an event is missing, or a later one came without it, and how far each was received."""
    async with database.engine.connect() as connection:
        rows = await connection.execute(INCOMPLETE, {"consumer": consumer, "missing": MISSING, "gap": GAP})
        return [LastVersion(*row) for row in rows]


async def receive_logged(database: Database, consumer: Consumer, logged: Iterable[Logged]) -> int:
    """Put events of the audit log where some are missing, and apply them and what waits behind; answers how many.

    They go as every parked event does: read, verified and applied in the order of their versions, each once.
    `ParkedEventStillFails` if that was refused of an aggregate, after all others.
    """
    applied, failure = 0, None
    in_order = sorted(logged, key=lambda event: (event.aggregate_type, event.aggregate_id, event.version))
    for aggregate, events in groupby(in_order, key=lambda event: (event.aggregate_type, event.aggregate_id)):
        first = await _park_logged(database, consumer, aggregate, list(events))
        try:
            applied += await replay_parked(database, consumer, first)
        except ParkedEventStillFails as refusal:
            failure = refusal
    if failure is not None:
        raise failure
    return applied


async def _park_logged(database: Database, consumer: Consumer, aggregate: Aggregate, events: Sequence[Logged]) -> int:
    """Park events of an aggregate before what is missing; answers the number of its oldest parked event."""
    same = (
        (parked_events.c.consumer == consumer.name)
        & (parked_events.c.aggregate_type == aggregate[0])
        & (parked_events.c.aggregate_id == aggregate[1])
    )
    async with database.unit_of_work(consumer.actor) as uow:
        await uow.session.execute(PARK, [_logged_row(consumer, event) for event in events])
        oldest = select(parked_events.c.id).where(same).order_by(parked_events.c.version, parked_events.c.id).limit(1)
        return int((await uow.session.execute(oldest)).scalar_one())


def _missing_row(consumer: str, last: LastVersion) -> Mapping[str, object]:
    """An event that never came, under the last version that its owner's row has; it stood in no place."""
    return _row(consumer, last.aggregate_type, last.aggregate_id, last.version) | {
        "event_type": MISSING,
        "position": -1 - secrets.randbelow(2**62),
        "envelope": b"",
        "code": MISSING,
        "detail": f"its owner's row is at version {last.version}",
    }


def _logged_row(consumer: Consumer, event: Logged) -> Mapping[str, object]:
    row = _row(consumer.name, event.aggregate_type, event.aggregate_id, event.version)
    position = -1 - event.index
    record = Record(str(row["topic"]), partition_of(event.aggregate_id), position, event.envelope)
    return row | {
        "event_type": consumer.read(record).type,
        "position": position,
        "envelope": event.envelope,
        "code": FROM_LOG,
        "detail": f"entry {event.index} of the audit log",
    }


def _row(consumer: str, aggregate_type: str, aggregate_id: str, version: int) -> dict[str, object]:
    return {
        "consumer": consumer,
        "aggregate_type": aggregate_type,
        "aggregate_id": aggregate_id,
        "version": version,
        "topic": topic_of(aggregate_type.partition(".")[0]),
        "partition": partition_of(aggregate_id),
    }
