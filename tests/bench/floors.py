"""What a hop from one service to the next cannot do without, measured on a running system: commit, notify, Kafka."""

import asyncio
import time
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.environment import LocalEnvironment, Process
from deploy.local.kafka_settings import ADMIN
from shared.kernel.ids import uuid7
from shared.messaging.access import BrokerAccess
from shared.messaging.source import POLL_MS
from tests.bench.figures import percentile

TIMES = 300
PAUSE_S = 0.01
BYTES = 900
LIMIT_S = 10.0


@dataclass(frozen=True)
class Floors:
    """Seconds, one by one."""

    commit_s: list[float]
    notify_s: list[float]
    kafka_s: list[float]

    def hop_s(self, per_cent: float) -> float:
        """The sum of what a hop consists of, at that percentile."""
        return sum(percentile(part_s, per_cent) for part_s in (self.commit_s, self.notify_s, self.kafka_s))


async def measure_floors(environment: LocalEnvironment) -> Floors:
    """Each floor many times with a pause in between, on the system's own servers while it is idle."""
    dsn = environment.database_url("voucher", Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
    writer, listener = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    try:
        return Floors(
            await _commits(writer), await _notifies(writer, listener), await _kafka(environment.broker_access(ADMIN))
        )
    finally:
        await writer.close()
        await listener.close()


async def _commits(connection: asyncpg.Connection) -> list[float]:
    """A transaction of one insert, on disk."""
    await connection.execute("CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)")
    found = []
    for _ in range(TIMES):
        started = time.perf_counter()
        async with connection.transaction():
            await connection.execute("INSERT INTO floor (body) VALUES ($1)", "x" * BYTES)
        found.append(time.perf_counter() - started)
        await asyncio.sleep(PAUSE_S)
    await connection.execute("DROP TABLE floor")
    return found


async def _notifies(sender: asyncpg.Connection, listener: asyncpg.Connection) -> list[float]:
    """From NOTIFY to the listener's callback."""
    notified = asyncio.Event()
    await listener.add_listener("floor", lambda *_: notified.set())
    found = []
    for _ in range(TIMES):
        notified.clear()
        started = time.perf_counter()
        await sender.execute("NOTIFY floor")
        async with asyncio.timeout(LIMIT_S):
            await notified.wait()
        found.append(time.perf_counter() - started)
        await asyncio.sleep(PAUSE_S)
    return found


async def _kafka(access: BrokerAccess) -> list[float]:
    """From `send_batch` to the record in the consumer's hands, both clients set as ours are."""
    place = TopicPartition("skill-voucher.floor", 0)
    admin = AIOKafkaAdminClient(**access.options())
    await admin.start()
    await admin.create_topics([NewTopic(place.topic, num_partitions=1, replication_factor=1)])
    await admin.close()
    consumer = AIOKafkaConsumer(fetch_max_wait_ms=POLL_MS, auto_offset_reset="earliest", **access.options())
    found = []
    async with AIOKafkaProducer(acks="all", enable_idempotence=True, **access.options()) as producer:
        consumer.assign([place])
        await consumer.start()
        try:
            for number in range(TIMES):
                batch = producer.create_batch()
                batch.append(key=uuid7().bytes, value=b"x" * BYTES, timestamp=None)
                batch.close()
                started = time.perf_counter()
                await producer.send_batch(batch, place.topic, partition=place.partition)
                async with asyncio.timeout(LIMIT_S):
                    while not await consumer.getmany(timeout_ms=POLL_MS):
                        pass
                if number:
                    found.append(time.perf_counter() - started)
                await asyncio.sleep(PAUSE_S)
        finally:
            await consumer.stop()
    return found
