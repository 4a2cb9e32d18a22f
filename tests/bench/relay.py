"""Events a second that the relay carries, beside what reading and deleting, and sending, take by themselves.

python -m tests.bench.relay [events]
"""

import asyncio
import statistics
import sys

import asyncpg
from aiokafka import AIOKafkaProducer

from deploy.local.kafka_settings import ADMIN
from shared.messaging.access import BrokerAccess
from shared.messaging.relay import BATCH_BYTES_MOST, DELETE, READ, READ_MOST, Relay
from shared.messaging.topics import PARTITIONS, topic_of
from tests.bench.stand import Stopwatch, report, stand
from tests.databases import ServiceDatabase
from tests.keys import event_signer

EVENTS = 20_000
ROUNDS = 3
BYTES = 900
EVERYTHING = list(range(PARTITIONS))

FILL = """
    INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)
    SELECT 'probe.lamp', 'lamp ' || lamp, 1, lamp % 12, $2 FROM generate_series(1, $1::int) AS lamp
"""


async def fill(connection: asyncpg.Connection, events: int) -> None:
    """Put signed events into the outbox."""
    await connection.execute(FILL, events, event_signer("probe").sign(f'{{"padding":"{"x" * BYTES}"}}'))
    await connection.execute("VACUUM ANALYZE outbox")


async def read_and_delete(connection: asyncpg.Connection) -> None:
    """What the database part alone takes."""
    while rows := await connection.fetch(READ, EVERYTHING, READ_MOST, 0, []):
        await connection.execute(DELETE, [row["id"] for row in rows])


async def send_only(access: BrokerAccess, topic: str, events: int) -> float:
    """What sending alone takes: the same batches, from memory. Seconds."""
    watch = Stopwatch()
    value = b"x" * BYTES
    async with AIOKafkaProducer(acks="all", max_batch_size=BATCH_BYTES_MOST, **access.options()) as producer:

        async def partition(number: int, count: int) -> None:
            left = count
            while left:
                batch = producer.create_batch()
                while left and batch.append(key=b"lamp", value=value, timestamp=None) is not None:
                    left -= 1
                batch.close()
                await (await producer.send_batch(batch, topic, partition=number))

        with watch.running():
            for start in range(0, events, READ_MOST):
                share = min(READ_MOST, events - start) // PARTITIONS
                await asyncio.gather(*(partition(number, share) for number in EVERYTHING))
    return watch.seconds


async def relay_all(
    database: ServiceDatabase, connection: asyncpg.Connection, access: BrokerAccess, topic: str, events: int
) -> float:
    """Seconds from the first to the last event carried; the relay's own start is left out."""
    relay = asyncio.create_task(Relay(database.worker.url, access, topic, database.worker.keys.events).run())
    await fill(connection, 1)
    while await connection.fetchval("SELECT count(*) FROM outbox"):
        await asyncio.sleep(0.01)
    watch = Stopwatch()
    await fill(connection, events)
    with watch.running():
        while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
            await asyncio.sleep(0.005)
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    return watch.seconds


async def main(events: int) -> None:
    """Measure in turns and report medians."""
    figures: dict[str, list[float]] = {"read and delete": [], "send": [], "relay": []}
    async with stand() as at, at.databases.clone("probe") as database:
        access, topic = at.kafka.access(ADMIN), topic_of("probe")
        await at.kafka.create_topics([topic])
        connection = await asyncpg.connect(database.dsn)
        for _ in range(ROUNDS):
            await fill(connection, events)
            watch = Stopwatch()
            with watch.running():
                await read_and_delete(connection)
            figures["read and delete"].append(events / watch.seconds)
            figures["send"].append(events / await send_only(access, topic, events))
            figures["relay"].append(events / await relay_all(database, connection, access, topic, events))
        await connection.close()
    medians = {what: statistics.median(values) for what, values in figures.items()}
    medians["limit: the slower of the two"] = min(medians["read and delete"], medians["send"])
    report("Relay", medians, "events/s", ours="relay", limit="limit: the slower of the two")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
