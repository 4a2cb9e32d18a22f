"""A small loop of outbox, relay, topic and consumer that is broken in every way, and the check that nothing was lost.

The harness is believed because it catches the wrong variants below: a relay with a cursor, offsets before effects, a
batch grouped by type.
"""

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import select

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_settings import ADMIN
from shared.contracts.envelope import EventTypes
from shared.kernel.ids import uuid7
from shared.messaging.access import BrokerAccess
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import merge
from shared.messaging.records import Record
from shared.messaging.relay import Relay
from shared.messaging.source import KafkaSource, Offsets, Source
from shared.persistence import UnitOfWork
from tests.databases import ServiceDatabase
from tests.probe import LAMP_EVENTS, Lamp, LampAction, LampEvent, Sight, install

TYPES = EventTypes(LAMP_EVENTS)
SETTLE_S = 60.0
STILL_S = 8.0
"""With nothing new for so long, nothing more will come."""
SWITCHES = 6


class Killed(BaseException):
    """The process ends here, at once: nothing that follows is done."""


@dataclass
class Sighting:
    """What the consumer's handlers do: count what they see, and be killed at a given event, once."""

    kill_at: int = -1
    seen: int = 0

    async def see(self, uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
        """Count each event of each lamp and keep the last one's name."""
        for event in events:
            self.seen += 1
            if self.seen == self.kill_at:
                raise Killed
            sight = await uow.session.get(Sight, str(event.id))
            if sight is None:
                sight = Sight(lamp=str(event.id), name="", times=0)
                uow.session.add(sight)
            sight.name, sight.times = event.name, sight.times + 1


class CursorRelay(Relay):
    """Wrong: remembers the last id instead of deleting, so what commits late is passed over."""

    last_id = 0

    async def pass_once(self, connection: asyncpg.Connection, producer: AIOKafkaProducer) -> int:
        rows = await connection.fetch("SELECT * FROM outbox WHERE id > $1 ORDER BY id", self.last_id)
        for row in rows:
            key, value = row["aggregate_id"].encode(), row["envelope"].encode()
            await producer.send_and_wait(self._topic, value, key, partition=row["partition"])
            self.last_id = row["id"]
        return len(rows)


class GroupSource(KafkaSource):
    """Wrong: begins where the group says."""

    def __init__(self, *arguments: Any, offsets: Offsets, **options: Any) -> None:
        super().__init__(*arguments, **options)


class HastySource(GroupSource):
    """Wrong: commits a batch's offsets before it is applied, and relies on them."""

    async def batches(self) -> AsyncGenerator[Sequence[Record], None]:
        async with contextlib.aclosing(super().batches()) as batches:
            async for batch in batches:
                self._mark(batch, self._generation)
                await self.commit()
                yield batch


class TypeConsumer(Consumer):
    """Wrong: groups a batch by the type of its events alone."""

    cut = staticmethod(lambda received: [sorted(received, key=lambda event: event.type)])


class Shuffled:
    """Around the real source: every record twice or more, mixed between aggregates, each aggregate's order kept."""

    def __init__(self, source: Source, rng: random.Random) -> None:
        self._source = source
        self._rng = rng

    async def batches(self) -> AsyncGenerator[Sequence[Record], None]:
        """The source's batches, worse."""
        async with contextlib.aclosing(self._source.batches()) as batches:
            async for batch in batches:
                yield mix(batch, self._rng)
                yield mix(batch, self._rng)


def mix(batch: Sequence[Record], rng: random.Random) -> list[Record]:
    """A random interleaving of the partitions' records, some of them said twice in a row of their aggregate."""
    queues: dict[tuple[str, int], list[Record]] = {}
    for record in batch:
        queues.setdefault((record.topic, record.partition), []).append(record)
    mixed: list[Record] = []
    while queues:
        place = rng.choice(list(queues))
        mixed.append(queues[place].pop(0))
        if rng.random() < 0.2:
            mixed.append(mixed[-1])
        if not queues[place]:
            del queues[place]
    return mixed


async def swallow(access: BrokerAccess, group: str, topic: str) -> int:
    """Join a group, read and commit whatever waits and do nothing with it; answers how many records it was."""
    swallowed = 0
    async with AIOKafkaConsumer(
        topic, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest", **access.options()
    ) as rogue:
        while True:
            batches = await rogue.getmany(timeout_ms=3_000)
            if not batches and rogue.assignment():
                return swallowed
            swallowed += sum(map(len, batches.values()))
            await rogue.commit()


@dataclass
class Trial:
    """One run of the small loop with chosen parts, right or wrong."""

    database: ServiceDatabase
    kafka: KafkaNode
    seed: int
    relay: type[Relay] = Relay
    source: type[KafkaSource] = KafkaSource
    consumer: type[Consumer] = Consumer
    kill_at: int = -1
    swallow: bool = False
    """Whether a rogue member of the group reads all that is left when the consumer was killed."""
    lamps: int = 24

    async def run(self) -> list[str]:
        """Drive it; answers what is wrong at the end, nothing if nothing is."""
        sys.stdout.write(f"seed {self.seed}\n")
        rng = random.Random(self.seed)
        self.topic, self.group = f"skill-voucher.probe-trial-{uuid7()}", f"trial-{uuid7()}"
        await self.kafka.create_topics([self.topic])
        worker = self.database.worker
        relay = self.relay(worker.url, self.kafka.access(ADMIN), self.topic, worker.keys.events)
        relaying = asyncio.create_task(relay.run())
        try:
            lamps = await self._write(rng)
            await self._consume(rng, lamps)
        finally:
            relaying.cancel()
            await asyncio.gather(relaying, return_exceptions=True)
        return await self._faults(lamps)

    async def _write(self, rng: random.Random) -> list[Lamp]:
        """Units of work side by side, some of which commit late."""
        async with self.database.api.unit_of_work() as uow:
            lamps = await install(uow, *(f"colour {number}" for number in range(self.lamps)))

        async def switch(mine: Sequence[Lamp], patience_s: float) -> None:
            for _ in range(SWITCHES // 2):
                for action in (LampAction.SWITCH_ON, LampAction.SWITCH_OFF):
                    async with self._late(patience_s) as uow:
                        await uow.move_all(Lamp, action, [lamp.id for lamp in mine])

        await asyncio.gather(*(switch(lamps[part::6], rng.choice([0.0, 0.05, 0.15])) for part in range(6)))
        return lamps

    @contextlib.asynccontextmanager
    async def _late(self, patience_s: float) -> AsyncIterator[UnitOfWork]:
        """A unit of work that takes its outbox ids and commits a while later."""
        async with self.database.api.unit_of_work() as uow:
            commit = uow.session.commit

            async def commit_late() -> None:
                await asyncio.sleep(patience_s)
                await commit()

            uow.session.commit = commit_late  # type: ignore[method-assign]  # the delay that makes a cursor lose rows
            yield uow

    async def _consume(self, rng: random.Random, lamps: Sequence[Lamp]) -> None:
        """Consume until all was seen or nothing comes any more; start again after being killed."""
        sighting = Sighting(self.kill_at)
        deadline = asyncio.get_running_loop().time() + SETTLE_S
        while asyncio.get_running_loop().time() < deadline:
            handlers = merge([dict.fromkeys(LAMP_EVENTS, sighting.see)])
            consumer = self.consumer("probe", self.database.worker, TYPES, handlers)
            access = self.kafka.access(ADMIN)
            source = Shuffled(self.source(access, self.group, [self.topic], offsets=consumer.offsets), rng)
            task = asyncio.create_task(consumer.run(source))
            try:
                await self._settled(task, lamps)
                return
            except Killed:
                pass
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if self.swallow:
                await swallow(self.kafka.access(ADMIN), self.group, self.topic)

    async def _settled(self, task: "asyncio.Task[None]", lamps: Sequence[Lamp]) -> None:
        still_since, last = asyncio.get_running_loop().time(), -1
        while True:
            if task.done():
                task.result()
            times = sum(times for _, times in (await self.sights()).values())
            now = asyncio.get_running_loop().time()
            if times != last:
                still_since, last = now, times
            if times >= len(lamps) * (SWITCHES + 1) or now - still_since > STILL_S:
                return
            await asyncio.sleep(0.1)

    async def sights(self) -> dict[str, tuple[str, int]]:
        """What the consumer has seen of each lamp."""
        async with self.database.worker.unit_of_work() as uow:
            return {sight.lamp: (sight.name, sight.times) for sight in await uow.session.scalars(select(Sight))}

    async def _faults(self, lamps: Sequence[Lamp]) -> list[str]:
        seen = await self.sights()
        return [
            f"{lamp.id}: {seen.get(str(lamp.id))}"
            for lamp in lamps
            if seen.get(str(lamp.id)) != ("lamp.darkened", SWITCHES + 1)
        ]
