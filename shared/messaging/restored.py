"""Whether a service's database is behind its own topic: then it was restored from before, and nothing goes on.

An event leaves after the commit that wrote it, so a database is never behind what its service has said. One that was
brought back to an earlier instant does not know what was done since: it would open, approve and pay anew what is paid.
"""

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy import select

from shared.contracts.envelope import EventTypes
from shared.messaging.access import BrokerAccess
from shared.messaging.bounds import bounded
from shared.messaging.positions import Aggregate
from shared.messaging.records import Record, read_record
from shared.messaging.topics import PARTITIONS, owner_of
from shared.observability import logger
from shared.observability.metrics import set_behind
from shared.persistence import Database
from shared.persistence.models import lifecycle_models
from shared.persistence.rows import key_of
from shared.security import EventVerifier

LOOK_BACK = 50
"""How many of a partition's newest events are compared: enough to find one that the service itself signed."""
LIMIT_S = 30.0
AGAIN_S = 5.0

log = logger("restored")


async def wait_until_level(database: Database, access: BrokerAccess, topic: str, types: EventTypes) -> None:
    """Return once the database knows all that the service has said; looks again every five seconds until then.

    A broker that does not answer is waited for: without it nobody knows.
    """
    while True:
        try:
            behind = await find_behind_topic(database, access, topic, types)
        except (KafkaError, TimeoutError, OSError) as error:
            log.warning("broker_awaited", error=type(error).__name__)
        else:
            set_behind(len(behind))
            if not behind:
                return
            for (aggregate_type, aggregate_id), (stored, said) in list(behind.items())[:10]:
                log.error("database_behind", type=aggregate_type, aggregate=aggregate_id, stored=stored, said=said)
        await asyncio.sleep(AGAIN_S)


async def find_behind_topic(
    database: Database, access: BrokerAccess, topic: str, types: EventTypes
) -> dict[Aggregate, tuple[int, int]]:
    """Of the aggregates of the newest events, those whose row is at an earlier version: its (0: no row), and said."""
    said = await _newest_said(access, topic, types, database.keys.events)
    stored = await _stored(database, owner_of(topic), said)
    return {
        aggregate: (stored.get(aggregate, 0), version)
        for aggregate, version in said.items()
        if stored.get(aggregate, 0) < version
    }


async def _newest_said(
    access: BrokerAccess, topic: str, types: EventTypes, verifier: EventVerifier
) -> dict[Aggregate, int]:
    """The last version of each aggregate in the newest events that the service signed, over all partitions."""
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(group_id=None, enable_auto_commit=False, **access.options())
    versions: dict[Aggregate, int] = {}
    async with bounded(LIMIT_S):
        try:
            await consumer.start()
            consumer.assign(partitions)
            begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
            places = {partition: max(begins[partition], ends[partition] - LOOK_BACK) for partition in partitions}
            waited_for = {partition for partition in partitions if places[partition] < ends[partition]}
            for partition, place in places.items():
                consumer.seek(partition, place)
            while waited_for:
                for messages in (await consumer.getmany(timeout_ms=200)).values():
                    for message in messages:
                        value = message.value or b""
                        record = Record(message.topic, message.partition, message.offset, value, 0, message.key)
                        received = read_record(record, types, verifier)
                        if received.event is not None:
                            known = versions.get(received.aggregate, 0)
                            versions[received.aggregate] = max(known, received.version)
                waited_for = {at for at in waited_for if await consumer.position(at) < ends[at]}
        finally:
            await consumer.stop()
    return versions


async def _stored(database: Database, service: str, wanted: Mapping[Aggregate, int]) -> dict[Aggregate, int]:
    stored: dict[Aggregate, int] = {}
    async with database.engine.connect() as connection:
        for model in lifecycle_models(service):
            of = model.lifecycle.type
            key = key_of(model)
            ids = [key.type.python_type(name) for aggregate_type, name in wanted if aggregate_type == of]
            if ids:
                rows = await connection.execute(select(key, model.version).where(key.in_(ids)))
                stored |= {(of, str(row[0])): row[1] for row in rows}
    return stored
