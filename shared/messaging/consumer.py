"""The consumer: every event has at most one effect, none is lost, and a bad one stops nobody but its own aggregate."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.envelope import Event, EventTypes
from shared.kernel.actor import Actor, ActorKind
from shared.kernel.errors import DomainError
from shared.messaging.handlers import EveryHandler, Handler
from shared.messaging.offsets import Missing, Place, advance_offsets, read_offsets
from shared.messaging.positions import (
    BEGINNING,
    Aggregate,
    Position,
    advance_positions,
    lock_positions,
    parked_aggregates,
)
from shared.messaging.records import Received, Record, read_record
from shared.messaging.source import Source
from shared.messaging.waves import by_type, waves
from shared.observability import logger
from shared.observability.metrics import count_consumed
from shared.persistence import Busy, Database, UnitOfWork, refusal_of
from shared.persistence.plumbing import parked_discards, parked_events

RETRY_FIRST_S = 0.05
RETRY_MOST_S = 5.0
BUSY_TOGETHER_MOST = 6
BUSY_ALONE_MOST = 60
"""How often a batch, and an event by itself, may meet a lock or a time limit before it is halved, or parked. Alone that
takes five minutes and more, in which any honest lock is let go."""

GAP = "gap"
BEHIND_PARKED = "behind_parked"
UNEXPECTED = "unexpected_error"

PARK = insert(parked_events).on_conflict_do_nothing()
"""The same record may be received again before its offset is committed; it is parked once."""


class EventContradictsApplied(DomainError):
    """Another event of this version was applied already: one of the two is not the owner's, or the owner erred."""

    code = "event_contradicts_applied"
    policy = "R26"
    zh, en = (
        "聚合的第 {version} 版已按另一事件 {applied} 处理",
        "Version {version} was applied already, by another event: {applied}.",
    )


Parking: TypeAlias = tuple[Received, str, str]
"""An event that is parked, the code that says why, and a detail."""

log = logger("consumer")


class Consumer:
    """Applies what a source brings to one service's database.

    `handlers` receive the events of their type; `every` receives all envelopes, before them. A known type without a
    handler advances the position; an unknown type parks.
    """

    cut = staticmethod(waves)
    """How a batch is cut; tests plant a wrong one to see that they would notice."""

    def __init__(
        self,
        name: str,
        database: Database,
        types: EventTypes,
        handlers: Mapping[type[Event], Sequence[Handler]],
        every: EveryHandler | None = None,
    ) -> None:
        self.name = name
        self.actor = Actor(ActorKind.CONSUMER, name)
        self._database = database.acting_as(self.actor)
        self._types = types
        self._handlers = handlers
        self._every = every

    async def run(self, source: Source) -> None:
        """Apply batch after batch until the source ends."""
        async with contextlib.aclosing(source.batches()) as batches:
            async for batch in batches:
                await self.apply(batch)

    async def offsets(self) -> dict[Place, int]:
        """Where the consumer goes on in each partition; at its beginning in those that are not named."""
        return await read_offsets(self._database, self.name)

    def read(self, record: Record) -> Received:
        """Read a record as far as it can be read."""
        return read_record(record, self._types, self._database.keys.events)

    async def apply(self, batch: Sequence[Record]) -> None:
        """Apply a batch, in order; when it returns, every record has had its effect or is parked.

        A transient failure is retried in place. Any other halves the batch until the culprit stands alone and is
        parked; so does a time limit that is met again and again.
        """
        await self._apply([self.read(record) for record in batch])

    async def _apply(self, received: Sequence[Received]) -> None:
        if not received:
            return
        try:
            await self._patiently(len(received), lambda: self._apply_together(received))
        except Exception as error:  # noqa: BLE001  # whatever a handler raises is judged by halving
            if len(received) == 1:
                failure = error
                await self._patiently(1, lambda: self._park_culprit(received[0], failure))
                return
            middle = len(received) // 2
            await self._apply(received[:middle])
            await self._apply(received[middle:])

    async def _patiently(self, events: int, act: Callable[[], Awaitable[None]]) -> None:
        """Act until it is done; raises what is not transient, or is but does not pass."""
        delay_s, busy = RETRY_FIRST_S, 0
        while True:
            try:
                await act()
                return
            except Exception as error:
                refusal = refusal_of(error)
                busy += isinstance(refusal, Busy)
                if refusal is None or not refusal.transient:
                    raise
                if busy >= (BUSY_ALONE_MOST if events == 1 else BUSY_TOGETHER_MOST):
                    raise
                log.warning("batch_retried", code=refusal.code, events=events, delay_s=delay_s)
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, RETRY_MOST_S)

    async def _park_culprit(self, culprit: Received, error: Exception) -> None:
        """Park what failed by itself, unless another member of the group applied it meanwhile."""
        async with self._database.unit_of_work() as uow:
            before = await lock_positions(uow, self.name, [culprit.aggregate])
            missing = await advance_offsets(uow, self.name, [culprit])
            if _was_applied(culprit, before.get(culprit.aggregate, BEGINNING)):
                return
            refusal = refusal_of(error)
            code = refusal.code if refusal else UNEXPECTED
            await self._park(uow, [(culprit, code, type(error).__name__)])
        self._report(missing)
        log.error("event_parked", code=code, type=culprit.type, aggregate=culprit.aggregate_id, exc_info=error)

    def _report(self, missing: Sequence[Missing]) -> None:
        for gap in missing:
            count_consumed(self.name, "any", "missing", gap.count)
            log.error("records_missing", topic=gap.topic, partition=gap.partition, first=gap.first, count=gap.count)

    async def _apply_together(self, received: Sequence[Received]) -> None:
        async with self._database.unit_of_work() as uow:
            applied, parked = await self.apply_in(uow, received)
            missing = await advance_offsets(uow, self.name, received, applied)
        for event in applied:
            count_consumed(self.name, event.type, "applied")
        for event, code, _ in parked:
            count_consumed(self.name, event.label, "parked")
            log.error("event_parked", code=code, type=event.type, aggregate=event.aggregate_id)
        if duplicates := len(received) - len(applied) - len(parked):
            count_consumed(self.name, "any", "duplicate", duplicates)
        self._report(missing)

    async def apply_in(
        self, uow: UnitOfWork, received: Sequence[Received], *, replayed: bool = False
    ) -> tuple[list[Received], list[Parking]]:
        """Apply in the caller's unit of work; answers what was applied and what was parked.

        What comes behind a parked event of its aggregate is parked too, unless it is itself `replayed`. Positions are
        locked before the parked events are looked at, so that a replay beside it is either all there or not at all.
        """
        aggregates = {event.aggregate for event in received}
        before = await lock_positions(uow, self.name, aggregates)
        blocked = set() if replayed else await parked_aggregates(uow, self.name, aggregates)
        due, after, parked = _sort_out(received, before, set(blocked))
        if parked and (discarded := await self._discarded(uow, [item for item, _, _ in parked])):
            received = [item for item in received if item.record.place not in discarded]
            due, after, parked = _sort_out(received, before, set(blocked))
        for wave in self.cut(due):
            await self._apply_wave(uow, wave)
        await advance_positions(uow, self.name, before, after)
        await self._park(uow, parked)
        return due, parked

    async def _apply_wave(self, uow: UnitOfWork, wave: Sequence[Received]) -> None:
        if self._every is not None:
            await self._every(uow, wave)
        for event_class, events in by_type(wave).items():
            for handler in self._handlers.get(event_class, ()):
                await handler(uow, events)

    async def _discarded(self, uow: UnitOfWork, received: Sequence[Received]) -> set[tuple[str, int, int]]:
        """The places of those that two persons have discarded: received again, they hold nothing up again."""
        place = (parked_discards.c.topic, parked_discards.c.partition, parked_discards.c.position)
        known = select(*place).where(
            parked_discards.c.consumer == self.name, tuple_(*place).in_([item.record.place for item in received])
        )
        return {(row.topic, row.partition, row.position) for row in await uow.session.execute(known)}

    async def _park(self, uow: UnitOfWork, parked: Sequence[Parking]) -> None:
        if not parked:
            return
        rows = {item.record.place: parked_row(self.name, item, code, detail) for item, code, detail in parked}
        await uow.session.execute(PARK, list(rows.values()))


def _sort_out(
    received: Sequence[Received], before: Mapping[Aggregate, Position], blocked: set[Aggregate]
) -> tuple[list[Received], dict[Aggregate, Position], list[Parking]]:
    """Which events are due, which park and why; what is neither has been received before."""
    due: list[Received] = []
    parked: list[Parking] = []
    after = dict(before)
    for item in received:
        last = after.get(item.aggregate, BEGINNING)
        if _was_applied(item, last):
            continue
        if refusal := _refusal(item, last):
            parked.append((item, refusal.code, str(refusal)))
            blocked.add(item.aggregate)
        elif item.aggregate in blocked:
            parked.append((item, BEHIND_PARKED, "an earlier event of this aggregate is parked"))
        elif item.version > last.version + 1:
            parked.append((item, GAP, f"version {item.version} came after {last.version}"))
            blocked.add(item.aggregate)
        else:
            due.append(item)
            after[item.aggregate] = Position(item.version, item.event_id)
    return due, after, parked


def _was_applied(item: Received, last: Position) -> bool:
    """Whether it is a repetition: of a version long past, or the very event that was applied last."""
    return item.genuine and (item.version < last.version or (item.version, item.event_id) == last)


def _refusal(item: Received, last: Position) -> DomainError | None:
    """Why an event is not believed, whatever comes before or behind it."""
    if item.refusal is None and item.version == last.version:
        return EventContradictsApplied(version=item.version, applied=last.event_id)
    return item.refusal


def parked_row(consumer: str, item: Received, code: str, detail: str) -> dict[str, object]:
    """A parked event with its whole context."""
    return {
        "consumer": consumer,
        "aggregate_type": item.aggregate_type,
        "aggregate_id": item.aggregate_id,
        "version": item.version,
        "event_type": item.type,
        "topic": item.record.topic,
        "partition": item.record.partition,
        "position": item.record.position,
        "envelope": item.record.value,
        "code": code,
        "detail": detail,
    }
