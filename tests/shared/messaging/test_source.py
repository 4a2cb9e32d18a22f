"""Kafka's side of the consumer: what is committed, what comes again, and what the watchdog takes for a stall."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_settings import ADMIN
from shared.kernel.ids import uuid7
from shared.messaging import source as source_module
from shared.messaging.records import Record
from shared.messaging.source import KafkaSource

pytestmark = pytest.mark.xdist_group("kafka")

LIMIT_S = 60


@pytest.fixture
async def topic(kafka: KafkaNode) -> str:
    """A topic of one test's own."""
    name = f"skill-voucher.probe-{uuid7()}"
    await kafka.create_topics([name])
    return name


async def send(kafka: KafkaNode, topic: str, values: Sequence[bytes | None], *, partition: int = 0) -> None:
    """Put records into a partition."""
    async with AIOKafkaProducer(acks="all", **kafka.access(ADMIN).options()) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, b"key", partition=partition)


async def committed(kafka: KafkaNode, group: str) -> dict[TopicPartition, int]:
    """How far the group says that it has come."""
    admin = AIOKafkaAdminClient(**kafka.access(ADMIN).options())
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
        return {place: committed.offset for place, committed in offsets.items()}
    finally:
        await admin.close()


async def until_committed(kafka: KafkaNode, group: str, topic: str, offset: int) -> None:
    """Wait until partition 0 is committed up to `offset`."""
    while (await committed(kafka, group)).get(TopicPartition(topic, 0)) != offset:
        await asyncio.sleep(0.2)


async def drink(batches: AsyncGenerator[Sequence[Record], None], into: list[Record]) -> None:
    """Apply whatever comes."""
    async for batch in batches:
        into += batch


async def test_a_record_without_value_or_of_any_bytes_is_brought(kafka: KafkaNode, topic: str) -> None:
    await send(kafka, topic, [None, b"\xff\x00\xfe", b"last"])
    source, received = KafkaSource(kafka.access(ADMIN), f"group-{uuid7()}", [topic]), list[Record]()
    async with asyncio.timeout(LIMIT_S), contextlib.aclosing(source.batches()) as batches:
        while len(received) < 3:
            received += await anext(batches)
    assert [record.value for record in received] == [b"", b"\xff\x00\xfe", b"last"]


async def test_a_batch_from_before_a_rebalance_takes_no_offset_back(kafka: KafkaNode, topic: str) -> None:
    """The partition was somebody else's meanwhile, who came further. Its offset must not end behind for ever."""
    group = f"group-{uuid7()}"
    await send(kafka, topic, [b"1", b"2"])
    slow = KafkaSource(kafka.access(ADMIN), group, [topic], member="slow")
    async with asyncio.timeout(LIMIT_S), contextlib.aclosing(slow.batches()) as slowly:
        first = await anext(slowly)
        assert len(first) == 2

        others: list[Record] = []
        async with contextlib.aclosing(KafkaSource(kafka.access(ADMIN), group, [topic]).batches()) as quick:
            # Both members have six partitions now. The slow one still has its first batch in its hands.
            drinking = asyncio.create_task(drink(quick, others))
            await asyncio.sleep(1)
            await send(kafka, topic, [b"3", b"4"])
            while not others:
                await asyncio.sleep(0.2)
                if (await committed(kafka, group)).get(TopicPartition(topic, 0)):
                    break
            await until_committed(kafka, group, topic, 4)
            drinking.cancel()
            await asyncio.gather(drinking, return_exceptions=True)

        again: list[Record] = []
        drinking = asyncio.create_task(drink(slowly, again))
        await asyncio.sleep(5)
        offsets = await committed(kafka, group)
        drinking.cancel()
        await asyncio.gather(drinking, return_exceptions=True)
    assert offsets[TopicPartition(topic, 0)] == 4


async def test_a_slow_batch_is_no_stall(
    kafka: KafkaNode, topic: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """While a batch is applied, nobody asks for more: that none came says nothing about the client."""
    for name, value in (("LOOK_EVERY_S", 0.1), ("STALL_LIMIT_S", 1.0), ("BATCH_MOST", 1)):
        monkeypatch.setattr(source_module, name, value)
    await send(kafka, topic, [b"1", b"2", b"3"])
    source = KafkaSource(kafka.access(ADMIN), f"group-{uuid7()}", [topic])
    received: list[bytes] = []
    async with asyncio.timeout(LIMIT_S), contextlib.aclosing(source.batches()) as batches:
        async for batch in batches:
            received += [record.value for record in batch]
            await asyncio.sleep(1.5)
            if len(received) == 3:
                break
    assert received == [b"1", b"2", b"3"]
    assert "consumer_stalled" not in caplog.text


async def test_a_member_that_was_put_out_for_being_slow_comes_back(
    kafka: KafkaNode, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "MAX_POLL_INTERVAL_MS", 1_000)
    group = f"group-{uuid7()}"
    await send(kafka, topic, [b"1"])
    source = KafkaSource(kafka.access(ADMIN), group, [topic], member="slow")
    received: list[bytes] = []
    async with asyncio.timeout(LIMIT_S), contextlib.aclosing(source.batches()) as batches:
        received += [record.value for record in await anext(batches)]
        await asyncio.sleep(9)
        await send(kafka, topic, [b"2"])
        while b"2" not in received:
            received += [record.value for record in await anext(batches)]
        drinking = asyncio.create_task(drink(batches, []))
        await until_committed(kafka, group, topic, 2)
        drinking.cancel()
        await asyncio.gather(drinking, return_exceptions=True)


async def test_a_source_ends_when_it_is_cancelled(kafka: KafkaNode, topic: str) -> None:
    """A cancellation that an await swallows would leave a worker process at work that was asked to stop."""
    for delay_s in (1.5, 1.9, 2.3):
        source = KafkaSource(kafka.access(ADMIN), f"group-{uuid7()}", [topic])
        drinking = asyncio.create_task(drink(source.batches(), []))
        await asyncio.sleep(delay_s)
        drinking.cancel()
        done, _ = await asyncio.wait({drinking}, timeout=15)
        assert done
        assert drinking.cancelled()


async def test_what_the_client_cancels_of_its_own_does_not_end_the_source(
    kafka: KafkaNode, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that loses the broker cancels its tasks and awaits them, so that its own end looks like ours."""
    stop, stops = AIOKafkaConsumer.stop, list[AIOKafkaConsumer]()

    async def stop_and_cancel(client: AIOKafkaConsumer) -> None:
        stops.append(client)
        await stop(client)
        beating = asyncio.create_task(asyncio.Event().wait())
        beating.cancel()
        await beating

    async def something(_source: KafkaSource, _client: AIOKafkaConsumer) -> int:
        return 0 if stops else 1

    monkeypatch.setattr(AIOKafkaConsumer, "stop", stop_and_cancel)
    monkeypatch.setattr(KafkaSource, "_waiting", something)
    monkeypatch.setattr(source_module, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(source_module, "STALL_LIMIT_S", 0.2)
    source, received = KafkaSource(kafka.access(ADMIN), f"group-{uuid7()}", [topic]), list[Record]()
    drinking = asyncio.create_task(drink(source.batches(), received))
    async with asyncio.timeout(LIMIT_S):
        while not stops and not drinking.done():
            await asyncio.sleep(0.05)
        await send(kafka, topic, [b"1"])
        while not received and not drinking.done():
            await asyncio.sleep(0.05)
    assert [record.value for record in received] == [b"1"]
    drinking.cancel()
    await asyncio.gather(drinking, return_exceptions=True)
    assert drinking.cancelled()
