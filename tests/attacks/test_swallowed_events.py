"""A rogue member of a consumer group, with its service's password of Kafka, swallows the last event of an aggregate.

Nothing comes after it, so that no version is missing; the group's offsets say that it was consumed.
"""

import asyncio
import contextlib
from collections.abc import Mapping

import pytest
from aiokafka import AIOKafkaConsumer

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_settings import ADMIN
from shared.kernel.ids import uuid7
from shared.messaging import source as source_module
from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay
from shared.messaging.source import KafkaSource, Offsets
from shared.messaging.topics import PARTITIONS
from tests.databases import ServiceDatabase
from tests.faults.harness import swallow
from tests.probe import Lamp, LampAction, install
from tests.shared.messaging.test_consumer import consumer, sights
from tests.shared.messaging.test_offsets import counted

pytestmark = pytest.mark.xdist_group("kafka")

LIMIT_S = 60


class Trial:
    """A lamp's events on their way from the outbox of the probe to its own consumer, and a group of that consumer."""

    def __init__(self, probe: ServiceDatabase, kafka: KafkaNode) -> None:
        self.probe, self.kafka = probe, kafka
        self.topic, self.group = f"skill-voucher.probe-swallowed-{uuid7()}", f"swallowed-{uuid7()}"

    async def begin(self) -> Lamp:
        """A lamp is installed, and the consumer has seen it."""
        await self.kafka.create_topics([self.topic])
        async with self.probe.api.unit_of_work() as uow:
            (lamp,) = await install(uow, "red")
        await self.carry()
        await self.consume(until={str(lamp.id): ("lamp.installed", 1)})
        return lamp

    async def carry(self) -> None:
        """Let the relay send what waits."""
        worker = self.probe.worker
        relay = asyncio.create_task(Relay(worker.url, self.kafka.access(ADMIN), self.topic, worker.keys.events).run())
        async with asyncio.timeout(LIMIT_S), self.probe.owner.engine.connect() as connection:
            while (await connection.exec_driver_sql("SELECT count(*) FROM outbox")).scalar_one():
                await asyncio.sleep(0.1)
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)

    async def consume(self, *, until: Mapping[str, tuple[str, int]], by_group: bool = False) -> None:
        """Consume until the sights are these."""
        consuming: Consumer = consumer(self.probe)
        offsets: Offsets | None = None if by_group else consuming.offsets
        source = KafkaSource(self.kafka.access(ADMIN), self.group, [self.topic], offsets=offsets)
        task = asyncio.create_task(consuming.run(source))
        try:
            async with asyncio.timeout(LIMIT_S):
                while await sights(self.probe) != until:
                    await asyncio.sleep(0.1)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def swallow_the_last(self, lamp: Lamp) -> None:
        """The lamp breaks, which is its last event, and a rogue member of the group has it."""
        async with self.probe.api.unit_of_work() as uow:
            await uow.move_all(Lamp, LampAction.BREAK, [lamp.id], details=lambda _: {"reason_code": "old"})
        await self.carry()
        assert await swallow(self.kafka.access(ADMIN), self.group, self.topic) == 1


async def test_the_last_event_is_applied_once_and_the_stranger_is_noticed(
    probe: ServiceDatabase, kafka: KafkaNode
) -> None:
    trial = Trial(probe, kafka)
    lamp = await trial.begin()
    await trial.swallow_the_last(lamp)
    broken = {str(lamp.id): ("lamp.broken", 2)}
    assert counted("recovered", trial.group) == 0
    await trial.consume(until=broken)
    assert counted("recovered", trial.group) == 1
    await trial.consume(until=broken)
    assert counted("recovered", trial.group) == 1, "and never again"


async def test_a_consumer_that_believes_its_group_would_lose_it(probe: ServiceDatabase, kafka: KafkaNode) -> None:
    """The positive control: the attack is a real one."""
    trial = Trial(probe, kafka)
    lamp = await trial.begin()
    await trial.swallow_the_last(lamp)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            await trial.consume(until={str(lamp.id): ("lamp.broken", 2)}, by_group=True)
    assert await sights(probe) == {str(lamp.id): ("lamp.installed", 1)}


async def test_a_member_that_sits_on_partitions_is_an_alert(
    probe: ServiceDatabase, kafka: KafkaNode, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(source_module, "STARVE_LIMIT_S", 2.0)
    trial = Trial(probe, kafka)
    lamp = await trial.begin()
    async with probe.api.unit_of_work() as uow:
        others = await install(uow, *(f"colour {number}" for number in range(40)))
    seen = {str(installed.id): ("lamp.installed", 1) for installed in [lamp, *others]}
    honest = asyncio.create_task(trial.consume(until=seen))
    rogue = AIOKafkaConsumer(
        trial.topic, group_id=trial.group, enable_auto_commit=False, **kafka.access(ADMIN).options()
    )
    async with rogue, asyncio.timeout(LIMIT_S):
        while len(rogue.assignment()) != PARTITIONS // 2:
            await rogue.getmany(timeout_ms=200)
        assert "partition_starved" not in caplog.text
        await trial.carry()
        while "partition_starved" not in caplog.text:
            await rogue.getmany(timeout_ms=200)
        assert await sights(probe) != seen
    await honest


async def test_a_rogue_member_beside_the_honest_one_only_delays(probe: ServiceDatabase, kafka: KafkaNode) -> None:
    trial = Trial(probe, kafka)
    lamp = await trial.begin()
    honest = asyncio.create_task(trial.consume(until={str(lamp.id): ("lamp.broken", 2)}))
    await asyncio.sleep(3)
    async with probe.api.unit_of_work() as uow:
        await uow.move_all(Lamp, LampAction.BREAK, [lamp.id], details=lambda _: {"reason_code": "old"})
    rogue = asyncio.create_task(swallow(kafka.access(ADMIN), trial.group, trial.topic))
    await asyncio.sleep(2)
    await trial.carry()
    await rogue
    await honest
    assert await sights(probe) == {str(lamp.id): ("lamp.broken", 2)}
