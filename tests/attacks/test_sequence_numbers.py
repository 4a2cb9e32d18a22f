"""Who may write to a topic may write in the name of another producer there, by its number and its next sequence number.

The broker takes what that producer sends next for a repetition: it says that it has it, and drops it. Nothing is
missing in the topic, and if the stranger has only repeated a real event, nothing is parked either.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.protocol.fetch import FetchRequest

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_settings import ADMIN
from shared.kernel.ids import uuid7
from shared.messaging.access import BrokerAccess
from shared.persistence.unit_of_work import partition_of
from tests.attacks.test_broker import send
from tests.attacks.test_swallowed_events import Trial
from tests.databases import ServiceDatabase
from tests.probe import Lamp, LampAction

pytestmark = pytest.mark.xdist_group("kafka")

HEAD = struct.Struct(">qiibIhiqqqhii")
LENGTH_BEGINS_AT = 12
MESSAGE_BYTES_MOST = 1024 * 1024
NOBODY = -1


class Batch(NamedTuple):
    """What the head of a batch says of who sent it, which everybody sees who may read the topic."""

    producer_id: int
    epoch: int
    sequence: int
    records: int


async def batches(access: BrokerAccess, topic: str, partition: int) -> list[Batch]:
    """The batches that stand in a partition."""
    wanted = [(topic, [(partition, 0, MESSAGE_BYTES_MOST)])]
    response = await send(access, FetchRequest(100, 0, MESSAGE_BYTES_MOST, 0, wanted))
    return list(heads(response.topics[0][1][0][-1]))


def heads(data: bytes) -> Iterator[Batch]:
    """Read the heads of record batches, edition 2 of Kafka's format."""
    begin = 0
    while begin + HEAD.size <= len(data):
        _, length, *_, producer_id, epoch, sequence, records = HEAD.unpack_from(data, begin)
        yield Batch(producer_id, epoch, sequence, records)
        begin += LENGTH_BEGINS_AT + length


async def go_before(access: BrokerAccess, topic: str, partition: int, last: Batch) -> None:
    """Send a record under the number and the next sequence number of the producer of `last`."""
    async with AIOKafkaProducer(acks="all", **access.options()) as rogue:
        batch = rogue.create_batch()
        batch.append(key=None, value=b"instead", timestamp=None)
        batch._set_producer_state(last.producer_id, last.epoch, last.sequence + last.records)
        batch.close()
        await (await rogue.send_batch(batch, topic, partition=partition))


async def test_an_idempotent_producer_would_lose_what_it_sends_next(kafka: KafkaNode) -> None:
    """The positive control: the attack is a real one."""
    topic, access = f"skill-voucher.probe-sequence-{uuid7()}", kafka.access(ADMIN)
    await kafka.create_topics([topic])
    async with AIOKafkaProducer(acks="all", enable_idempotence=True, **access.options()) as honest:
        await honest.send_and_wait(topic, b"first", partition=0)
        (last,) = await batches(access, topic, 0)
        assert last.producer_id != NOBODY
        await go_before(access, topic, 0, last)
        await honest.send_and_wait(topic, b"second", partition=0)
        assert len(await batches(access, topic, 0)) == 2, "the second was acknowledged, and is not there"


async def test_what_the_relay_sends_is_nobodys_repetition(probe: ServiceDatabase, kafka: KafkaNode) -> None:
    """It sends as nobody: there is no number to go by. What it repeats itself the consumer knows by the event's id."""
    trial = Trial(probe, kafka)
    lamp = await trial.begin()
    async with probe.api.unit_of_work() as uow:
        await uow.move_all(Lamp, LampAction.BREAK, [lamp.id], details=lambda _: {"reason_code": "old"})
    await trial.carry()
    sent = await batches(kafka.access(ADMIN), trial.topic, partition_of(lamp.id))
    assert [batch.producer_id for batch in sent] == [NOBODY, NOBODY]
