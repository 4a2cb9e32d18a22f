"""A database that was restored from before what its service has said is found, and nothing goes on upon it."""

import asyncio
from uuid import UUID

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_settings import ADMIN
from shared.contracts.envelope import EventTypes
from shared.kernel.ids import uuid7
from shared.messaging import restored
from shared.messaging.restored import find_behind_topic, wait_until_level
from shared.persistence.unit_of_work import partition_of
from tests.databases import ServiceDatabase
from tests.probe import LAMP_EVENTS, Lamp, LampAction, install
from tests.shared.messaging.test_relay import drained, relay_of, running

pytestmark = pytest.mark.xdist_group("kafka")

TYPES = EventTypes(LAMP_EVENTS)


@pytest.fixture
async def topic(kafka: KafkaNode) -> str:
    """A topic of one test's own."""
    name = f"skill-voucher.probe-{uuid7()}"
    await kafka.create_topics([name])
    return name


async def lit_lamps(probe: ServiceDatabase, kafka: KafkaNode, topic: str, *colours: str) -> list[Lamp]:
    """Lamps that were installed and switched on, and of which the topic says so."""
    async with probe.api.unit_of_work() as uow:
        lamps = await install(uow, *colours)
    async with probe.api.unit_of_work() as uow:
        await uow.move_all(Lamp, LampAction.SWITCH_ON, [lamp.id for lamp in lamps])
    async with running(relay_of(probe, kafka, topic)):
        await drained(probe)
    return lamps


async def bring_back(probe: ServiceDatabase, statement: str, lamp: UUID) -> None:
    """Do to a row what a restored backup does, past every rule."""
    connection = await asyncpg.connect(probe.dsn)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(statement, lamp)
    finally:
        await connection.close()


async def test_a_row_of_before_and_one_that_is_gone_are_found(
    probe: ServiceDatabase, kafka: KafkaNode, topic: str
) -> None:
    access = kafka.access(ADMIN)
    assert await find_behind_topic(probe.worker, access, topic, TYPES) == {}, "nothing was said yet"
    first, second, _ = await lit_lamps(probe, kafka, topic, "red", "green", "blue")
    assert await find_behind_topic(probe.worker, access, topic, TYPES) == {}
    await bring_back(probe, "UPDATE lamps SET status = 'dark', version = 1 WHERE id = $1", first.id)
    await bring_back(probe, "DELETE FROM lamps WHERE id = $1", second.id)
    assert await find_behind_topic(probe.worker, access, topic, TYPES) == {
        ("probe.lamp", str(first.id)): (1, 2),
        ("probe.lamp", str(second.id)): (0, 2),
    }


async def test_what_the_service_did_not_sign_says_nothing(probe: ServiceDatabase, kafka: KafkaNode, topic: str) -> None:
    """Else whoever may write to the topic could stop the service."""
    (lamp,) = await lit_lamps(probe, kafka, topic, "red")
    async with AIOKafkaProducer(acks="all", **kafka.access(ADMIN).options()) as producer:
        for value in (b"", b"nonsense", b'{"aggregateversion": 9}'):
            await producer.send_and_wait(topic, value, str(lamp.id).encode(), partition=partition_of(lamp.id))
    assert await find_behind_topic(probe.worker, kafka.access(ADMIN), topic, TYPES) == {}


async def test_nothing_goes_on_until_the_database_is_level(
    probe: ServiceDatabase, kafka: KafkaNode, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restored, "AGAIN_S", 0.1)
    (lamp,) = await lit_lamps(probe, kafka, topic, "red")
    await bring_back(probe, "UPDATE lamps SET status = 'dark', version = 1 WHERE id = $1", lamp.id)
    waiting = asyncio.create_task(wait_until_level(probe.worker, kafka.access(ADMIN), topic, TYPES))
    done, _ = await asyncio.wait({waiting}, timeout=3)
    assert not done
    await bring_back(probe, "UPDATE lamps SET status = 'lit', version = 2 WHERE id = $1", lamp.id)
    async with asyncio.timeout(30):
        await waiting
