"""Events a second that the consumer applies from Kafka, beside the same set-based SQL from memory.

python -m tests.bench.consumer [events]
"""

import asyncio
import contextlib
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaProducer
from sqlalchemy import ARRAY, Text, bindparam, text

from deploy.local.kafka_settings import ADMIN
from shared.contracts.envelope import EventTypes
from shared.kernel.ids import uuid7
from shared.messaging.access import BrokerAccess
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import merge
from shared.messaging.records import Record
from shared.messaging.source import BATCH_MOST, KafkaSource
from shared.messaging.topics import PARTITIONS
from shared.persistence import UnitOfWork
from tests.bench.stand import Stopwatch, in_topics, report, stand
from tests.databases import TESTER, ServiceDatabase
from tests.probe import LAMP_EVENTS, LampEvent, LampInstalledV1

EVENTS = 10_000
ROUNDS = 3

SEE = text(
    """
    INSERT INTO sights (lamp, name, times) SELECT lamp, 'lamp.installed', 1 FROM unnest(:lamps) AS lamp
    ON CONFLICT (lamp) DO UPDATE SET times = sights.times + 1
    """
).bindparams(bindparam("lamps", type_=ARRAY(Text)))


async def see(uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
    """The effect: one statement for all."""
    await uow.session.execute(SEE, {"lamps": [str(event.id) for event in events]})


def consumer(database: ServiceDatabase) -> Consumer:
    """The consumer under test."""
    return Consumer("probe", database.worker, EventTypes(LAMP_EVENTS), merge([{LampInstalledV1: see}]))


def records(count: int, places: Counter[tuple[str, int]] | None = None) -> list[Record]:
    """Installations of `count` lamps, as the topic holds them after those before, whose places are counted."""
    now = datetime.now(UTC)
    lamps: list[UUID] = [uuid7() for _ in range(count)]
    events = (
        LampInstalledV1(id=lamp, version=1, business_at=now, actor=TESTER, colour=str(lamp), watts=1) for lamp in lamps
    )
    return in_topics(events, places)


async def from_memory(database: ServiceDatabase, count: int, places: Counter[tuple[str, int]] | None = None) -> float:
    """Events a second without Kafka."""
    made, consuming, watch = records(count, places), consumer(database), Stopwatch()
    with watch.running():
        for start in range(0, count, BATCH_MOST):
            await consuming.apply(made[start : start + BATCH_MOST])
    return count / watch.seconds


async def from_kafka(database: ServiceDatabase, access: BrokerAccess, topic: str, count: int) -> float:
    """Events a second from the topic, from the first batch to the last."""
    async with AIOKafkaProducer(acks="all", enable_idempotence=True, **access.options()) as producer:
        sent = [await producer.send(topic, record.value, partition=record.partition) for record in records(count)]
        await asyncio.gather(*sent)
    consuming, watch, consumed = consumer(database), Stopwatch(), 0
    source = KafkaSource(access, f"bench-{uuid7()}", [topic])
    async with contextlib.aclosing(source.batches()) as batches:
        first = await anext(batches)
        await consuming.apply(first)
        with watch.running():
            while consumed < count - len(first):
                batch = await anext(batches)
                await consuming.apply(batch)
                consumed += len(batch)
    return consumed / watch.seconds


async def main(count: int) -> None:
    """Measure in turns and report medians."""
    if count <= BATCH_MOST:
        raise SystemExit(f"more than {BATCH_MOST} events: what comes after the first batch is measured")
    places: Counter[tuple[str, int]] = Counter()
    figures: dict[str, list[float]] = {"the same SQL from memory": [], "consumer": []}
    async with stand() as at, at.databases.clone("probe") as database:
        for number in range(ROUNDS):
            topic = f"skill-voucher.probe-bench-{number}"
            await at.kafka.create_topics([topic])
            figures["the same SQL from memory"].append(await from_memory(database, count, places))
            figures["consumer"].append(await from_kafka(database, at.kafka.access(ADMIN), topic, count))
    medians = {what: statistics.median(values) for what, values in figures.items()}
    title = f"Consumer, batches of at most {BATCH_MOST}, {PARTITIONS} partitions"
    report(title, medians, "events/s", ours="consumer", limit="the same SQL from memory")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
