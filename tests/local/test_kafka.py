"""The Kafka of the local run: the right archives, topics of twelve partitions, nothing acknowledged ever lost."""

import hashlib
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.errors import JarRefused, LocalRunError
from deploy.local.kafka import KafkaNode, new_cluster_id
from deploy.local.kafka_jars import KAFKA_JARS, KAFKA_VERSION, Jar, fetch_jars, read_jars
from deploy.local.kafka_settings import ADMIN
from shared.messaging.topics import PARTITIONS
from tests.brokers import new_node

MESSAGES = 240


def test_the_list_names_every_archive_once_and_one_kafka() -> None:
    assert len({jar.coordinate for jar in KAFKA_JARS}) == len(KAFKA_JARS) == 46
    kafkas = {jar.version for jar in KAFKA_JARS if jar.group.startswith("org.apache.kafka")}
    assert kafkas == {KAFKA_VERSION}


@pytest.mark.parametrize("line", ["a:b:1", "a:b 00", "a:b:1 00", "a:b:1 xyz"])
def test_a_line_that_is_no_archive_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_jars(line)


def _smallest() -> Jar:
    return next(jar for jar in KAFKA_JARS if jar.artifact == "jspecify")


def test_an_archive_with_another_hash_is_refused_and_not_kept(tmp_path: Path) -> None:
    real = _smallest()
    forged = Jar(real.group, real.artifact, real.version, hashlib.sha256(b"other").hexdigest())
    with pytest.raises(JarRefused, match=real.sha256):
        fetch_jars([forged], cache=tmp_path)
    assert list(tmp_path.rglob("*.jar")) == []


def test_a_broken_archive_in_the_cache_is_replaced(tmp_path: Path) -> None:
    jar = _smallest()
    path = jar.path_in(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a file")
    assert fetch_jars([jar], cache=tmp_path) == [path]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


async def _send(node: KafkaNode) -> None:
    async with AIOKafkaProducer(enable_idempotence=True, acks="all", **node.access(ADMIN).options()) as producer:
        for number in range(MESSAGES):
            await producer.send("loop", b"%d" % number, partition=number % PARTITIONS)
        await producer.flush()


async def _receive(node: KafkaNode) -> list[int]:
    consumer = AIOKafkaConsumer(
        "loop",
        group_id="readers",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **node.access(ADMIN).options(),
    )
    received: list[int] = []
    async with consumer:
        while len(received) < MESSAGES:
            batches = await consumer.getmany(timeout_ms=500)
            received += [int(record.value) for records in batches.values() for record in records]
        await consumer.commit()
    return sorted(received)


async def test_topics_and_messages_survive_a_kill(tmp_path: Path) -> None:
    node = new_node(tmp_path)
    node.start()
    try:
        for _ in range(2):
            await node.create_topics(["loop"])
        await _send(node)
        node.kill()
        assert not node.ready()
        node.start()
        assert await _receive(node) == list(range(MESSAGES))
        await _send(node)
        assert await _receive(node) == list(range(MESSAGES))
    finally:
        node.stop()


async def test_a_topic_of_another_width_is_refused(tmp_path: Path) -> None:
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    node = new_node(tmp_path)
    node.start()
    try:
        admin = AIOKafkaAdminClient(**node.access(ADMIN).options())
        await admin.start()
        await admin.create_topics([NewTopic("narrow", 3, 1)])
        await admin.close()
        with pytest.raises(LocalRunError, match="3 partitions instead of 12"):
            await node.create_topics(["narrow"])
    finally:
        node.stop()


def test_a_cluster_id_is_never_taken_for_an_option() -> None:
    drawn = iter([b"\xf8" * 16, b"\xfb" * 16, b"\x00" * 16])
    assert new_cluster_id(lambda _: next(drawn)) == "A" * 22
