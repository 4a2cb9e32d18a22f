"""The relay on real PostgreSQL and real Kafka: nothing lost, order kept, locks shared; and the cursor that loses."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_settings import ADMIN
from shared.contracts.envelope import EventTypes
from shared.kernel.ids import uuid7
from shared.messaging import timers
from shared.messaging.records import Record, read_record
from shared.messaging.relay import DELETE, READ, Relay
from shared.messaging.source import KafkaSource
from shared.messaging.timers import TURN_CHANNEL, Timer, run_timers
from shared.messaging.topics import PARTITIONS
from shared.messaging.wakeup import OutboxWaker
from shared.persistence import UnitOfWork
from tests.databases import ServiceDatabase
from tests.keys import event_verifier
from tests.probe import LAMP_EVENTS, Lamp, LampAction, install

pytestmark = pytest.mark.xdist_group("kafka")

TYPES = EventTypes(LAMP_EVENTS)
VERIFIER = event_verifier()
DRAIN_S = 30
END_RELAYS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'relay' AND datname = current_database()
"""


@pytest.fixture
async def topic(kafka: KafkaNode) -> str:
    """A topic of one test's own."""
    name = f"skill-voucher.probe-{uuid7()}"
    await kafka.create_topics([name])
    return name


@contextlib.asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    """Relays at work."""
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def drained(database: ServiceDatabase) -> None:
    """Wait until the outbox is empty."""
    connection = await asyncpg.connect(database.dsn)
    try:
        async with asyncio.timeout(DRAIN_S):
            while await connection.fetchval("SELECT count(*) FROM outbox"):
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


def relay_of(probe: ServiceDatabase, kafka: KafkaNode, topic: str) -> Relay:
    """A relay of the probe's outbox."""
    return Relay(probe.worker.url, kafka.access(ADMIN), topic, probe.worker.keys.events)


async def received_in(kafka: KafkaNode, topic: str) -> dict[str, list[int]]:
    """Versions by aggregate, in the order in which the topic holds them."""
    consumer = AIOKafkaConsumer(auto_offset_reset="earliest", **kafka.access(ADMIN).options())
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        versions: dict[str, list[int]] = defaultdict(list)
        async with asyncio.timeout(DRAIN_S):
            while any([await consumer.position(place) < ends[place] for place in places]):
                for messages in (await consumer.getmany(timeout_ms=200)).values():
                    for message in messages:
                        record = Record(topic, message.partition, message.offset, message.value, key=message.key)
                        received = read_record(record, TYPES, VERIFIER)
                        assert received.refusal is None
                        assert message.key.decode() == received.aggregate_id
                        assert message.headers == (("content-type", b"application/cloudevents+json; charset=utf-8"),)
                        versions[received.aggregate_id].append(received.version)
        return dict(versions)
    finally:
        await consumer.stop()


async def switch(database: ServiceDatabase, lamps: list[Lamp], times: int) -> None:
    """Switch lamps on and off, again and again, each in units of work of its own."""
    for _ in range(times):
        for action in (LampAction.SWITCH_ON, LampAction.SWITCH_OFF):
            async with database.api.unit_of_work() as uow:
                await uow.move_all(Lamp, action, [lamp.id for lamp in lamps])


async def test_everything_arrives_once_and_in_order(probe: ServiceDatabase, kafka: KafkaNode, topic: str) -> None:
    waker = OutboxWaker(probe.api.url)
    probe.api.after_events(waker.wake)
    async with running(relay_of(probe, kafka, topic)):
        async with probe.api.unit_of_work() as uow:
            lamps = await install(uow, *(f"colour {number}" for number in range(40)))
        await asyncio.gather(*(switch(probe, lamps[part::4], 5) for part in range(4)))
        await drained(probe)
    await waker.close()
    assert await received_in(kafka, topic) == {str(lamp.id): list(range(1, 12)) for lamp in lamps}


async def test_two_relays_share_the_partitions_and_keep_the_order(
    probe: ServiceDatabase, kafka: KafkaNode, topic: str
) -> None:
    relays = [relay_of(probe, kafka, topic) for _ in range(2)]
    async with running(*relays):
        async with probe.api.unit_of_work() as uow:
            lamps = await install(uow, *(f"colour {number}" for number in range(30)))
        await switch(probe, lamps, 5)
        await drained(probe)
    versions = await received_in(kafka, topic)
    assert versions == {str(lamp.id): list(range(1, 12)) for lamp in lamps}


async def test_a_relay_that_loses_its_connection_starts_anew(
    probe: ServiceDatabase, kafka: KafkaNode, topic: str
) -> None:
    superuser = await asyncpg.connect(probe.dsn)
    async with running(relay_of(probe, kafka, topic)):
        async with probe.api.unit_of_work() as uow:
            lamps = await install(uow, *(f"colour {number}" for number in range(20)))
        switching = asyncio.create_task(switch(probe, lamps, 20))
        for _ in range(3):
            await asyncio.sleep(0.3)
            await superuser.execute(END_RELAYS)
        await switching
        await drained(probe)
    await superuser.close()
    for versions in (await received_in(kafka, topic)).values():
        first_seen = list(dict.fromkeys(versions))
        assert first_seen == list(range(1, 42)), "sent again is allowed, lost or overtaken is not"


async def test_who_moved_business_time_asks_for_the_timers_turn_after_a_lost_connection_too(
    probe: ServiceDatabase, kafka: KafkaNode, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn each hour otherwise: it comes because somebody asked over the relay's connection."""
    monkeypatch.setattr(timers, "TURN_EVERY_S", 3_600.0)
    turns = 0

    async def count(uow: UnitOfWork, limit: int) -> int:
        nonlocal turns
        turns += 1
        return 0

    async def until_another_turn() -> None:
        before = turns
        async with asyncio.timeout(DRAIN_S):
            while turns == before:
                await superuser.execute(f"NOTIFY {TURN_CHANNEL}")
                await asyncio.sleep(0.1)

    asked, superuser = asyncio.Event(), await asyncpg.connect(probe.dsn)
    relay = Relay(probe.worker.url, kafka.access(ADMIN), topic, probe.worker.keys.events, {TURN_CHANNEL: asked})
    timing = asyncio.create_task(run_timers(probe.worker, [Timer("counts", count)], asked))
    async with running(relay):
        await until_another_turn()
        await until_another_turn()
        await superuser.execute(END_RELAYS)
        await until_another_turn()
    timing.cancel()
    await asyncio.gather(timing, return_exceptions=True)
    await superuser.close()


async def test_a_source_brings_what_was_sent_and_remembers_what_was_applied(
    probe: ServiceDatabase, kafka: KafkaNode, topic: str
) -> None:
    async with running(relay_of(probe, kafka, topic)):
        async with probe.api.unit_of_work() as uow:
            await install(uow, *(f"colour {number}" for number in range(25)))
        await drained(probe)
    group = f"group-{uuid7()}"

    async def read(at_least: int) -> list[Record]:
        source = KafkaSource(kafka.access(ADMIN), group, [topic])
        records: list[Record] = []
        async with asyncio.timeout(DRAIN_S), contextlib.aclosing(source.batches()) as batches:
            async for batch in batches:
                records += batch
                if len(records) >= at_least:
                    break
        return records

    first = await read(25)
    assert len(first) == 25
    again = await read(1)
    assert again, "the last batch was not asked past, so it was not applied and comes again"


async def test_a_cursor_would_lose_what_commits_late(probe: ServiceDatabase) -> None:
    """The positive control of read-and-delete: a relay that remembers the last id never sees the earlier one."""
    relay_view = await asyncpg.connect(probe.dsn)
    everything = list(range(PARTITIONS))
    late = probe.api.unit_of_work()
    uow = await late.__aenter__()
    await install(uow, "late")
    # The outbox row of the late one takes its id now, and commits only after the quick one's.
    await uow.session.execute(
        text(
            """
            INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)
            VALUES ('probe.x', 'x', 1, 0, '')
            """
        )
    )
    async with probe.api.unit_of_work() as quick:
        await install(quick, "quick")
    seen = await relay_view.fetch(READ, everything, 100, 0, [])
    cursor = max(row["id"] for row in seen)
    await relay_view.execute(DELETE, [row["id"] for row in seen])
    await late.__aexit__(None, None, None)
    by_cursor = await relay_view.fetch("SELECT id FROM outbox WHERE id > $1", cursor)
    by_reading = await relay_view.fetch(READ, everything, 100, 0, [])
    await relay_view.close()
    assert len(by_reading) == 2
    assert len(by_cursor) < len(by_reading)
