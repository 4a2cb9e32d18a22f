"""Kafka, attacked with the credentials of one principal or of none: what no right names is refused by its code."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaClient, AIOKafkaProducer
from aiokafka.conn import create_conn
from aiokafka.errors import (
    BrokerResponseError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    MessageSizeTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.admin import (
    CreateAclsRequest,
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteAclsRequest,
    DeleteTopicsRequest,
)
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import JoinGroupRequest

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_settings import ADMIN, NODE, OBSERVER
from deploy.local.ports import LOOPBACK
from deploy.local.topics import Kind, Operation, Pattern, set_up_topics
from shared.messaging.access import BrokerAccess
from shared.messaging.relay import BATCH_BYTES_MOST, Relay
from shared.messaging.source import KafkaSource
from shared.messaging.topics import CONSUMES, SERVICES, group_of, topic_of
from tests.databases import ServiceDatabase
from tests.probe import install

pytestmark = pytest.mark.xdist_group("kafka")

GRANTED = 0
TOPIC_REFUSED: int = TopicAuthorizationFailedError.errno
GROUP_REFUSED: int = GroupAuthorizationFailedError.errno
CLUSTER_REFUSED: int = ClusterAuthorizationFailedError.errno
TOO_LARGE: int = MessageSizeTooLargeError.errno
CREDENTIALS_WRONG: int = SaslAuthenticationFailed.errno
MECHANISM_UNKNOWN: int = UnsupportedSaslMechanismError.errno
LIMIT_S = 30
LIMIT_MS = LIMIT_S * 1_000
INSIDERS = (*SERVICES, OBSERVER)

MINE = "skill-voucher.mine"
VOUCHERS = topic_of("voucher")
ALLOW = 3
WRITE_VOUCHERS = (Kind.TOPIC, VOUCHERS, Pattern.LITERAL, "User:payout", "*", Operation.WRITE, ALLOW)


@pytest.fixture
async def broker(kafka: KafkaNode) -> KafkaNode:
    """The tests' Kafka with the services' topics and rights, as the system has them."""
    await set_up_topics(kafka.access(ADMIN))
    return kafka


async def send(access: BrokerAccess, request: object) -> Any:
    """Send a request as it is, without the courtesy of a client that first asks whether it may; the response."""
    client = AIOKafkaClient(**access.options())
    try:
        await client.bootstrap()
        return await client.send(client.get_random_node(), request)
    finally:
        await client.close()


async def code_of(attempt: Awaitable[object]) -> int:
    """The broker's error code; 0 if it did what was asked."""
    try:
        async with asyncio.timeout(LIMIT_S):
            await attempt
    except BrokerResponseError as refused:
        return int(refused.errno)
    return GRANTED


async def connect(port: int, access: BrokerAccess | None = None, **changed: object) -> None:
    """Connect and sign in, as nobody or with what a principal shows, some of it changed, and ask for something."""
    options: dict[str, object] = access.options() if access else {}
    options.pop("bootstrap_servers", None)
    connection = await create_conn(LOOPBACK, port, request_timeout_ms=LIMIT_MS, **(options | changed))
    try:
        await connection.send(create_topic())
    finally:
        connection.close()


def create_topic() -> object:
    """A request that clients' and controller's listener know."""
    return CreateTopicsRequest([(MINE, 1, 1, [], [])], LIMIT_MS, validate_only=False)


async def produce(access: BrokerAccess, topic: str) -> None:
    """Write a record."""
    async with AIOKafkaProducer(acks="all", **access.options()) as producer:
        await producer.send_and_wait(topic, b"forged", partition=0)


async def produce_compressed(access: BrokerAccess, topic: str, size: int) -> None:
    """Write a record of so many zeros, compressed to next to nothing."""
    async with AIOKafkaProducer(acks="all", compression_type="gzip", **access.options()) as producer:
        batch = producer.create_batch()
        batch.append(key=None, value=bytes(size), timestamp=None)
        await (await producer.send_batch(batch, topic, partition=0))


async def fetch(access: BrokerAccess, topic: str) -> int:
    """Read a topic as a member of no group; the broker's error code."""
    response = await send(access, FetchRequest(0, 0, 1_000, 0, [(topic, [(0, 0, 1_000)])]))
    return int(response.topics[0][1][0][1])


@pytest.mark.parametrize("listener", ["port", "controller_port"])
async def test_who_shows_no_credentials_gets_no_answer(broker: KafkaNode, listener: str) -> None:
    with pytest.raises(KafkaConnectionError, match="closed"):
        await connect(getattr(broker, listener))


async def test_wrong_credentials_are_refused_on_both_listeners(broker: KafkaNode) -> None:
    clients, controller, admin = broker.port, broker.controller_port, broker.access(ADMIN)
    assert await code_of(connect(clients, admin, sasl_plain_password="guessed")) == CREDENTIALS_WRONG
    assert await code_of(connect(clients, admin, sasl_plain_username=NODE)) == CREDENTIALS_WRONG
    assert await code_of(connect(clients, broker.access("payout"), sasl_plain_username="voucher")) == CREDENTIALS_WRONG
    assert await code_of(connect(clients, admin, sasl_mechanism="PLAIN")) == MECHANISM_UNKNOWN
    assert await code_of(connect(controller, admin, sasl_mechanism="PLAIN")) == CREDENTIALS_WRONG
    assert await code_of(connect(controller, admin)) == MECHANISM_UNKNOWN
    assert await code_of(connect(clients, broker.access("payout"))) == GRANTED


@pytest.mark.parametrize("principal", INSIDERS)
async def test_a_topic_is_written_by_its_own_service_alone(broker: KafkaNode, principal: str) -> None:
    codes = {service: await code_of(produce(broker.access(principal), topic_of(service))) for service in SERVICES}
    assert codes == {service: GRANTED if service == principal else TOPIC_REFUSED for service in SERVICES}


@pytest.mark.parametrize("principal", INSIDERS)
async def test_a_topic_is_read_by_its_own_service_and_those_that_consume_it_alone(
    broker: KafkaNode, principal: str
) -> None:
    codes = {service: await fetch(broker.access(principal), topic_of(service)) for service in SERVICES}
    readable = {principal, *CONSUMES.get(principal, ())}
    assert codes == {service: GRANTED if service in readable else TOPIC_REFUSED for service in SERVICES}


@pytest.mark.parametrize("principal", INSIDERS)
async def test_nobody_joins_or_moves_the_group_of_another_service(broker: KafkaNode, principal: str) -> None:
    """A rogue member would swallow events without a gap; moved offsets would skip them."""
    access = broker.access(principal)
    for service in SERVICES:
        if service == principal:
            continue
        group, topic = group_of(service), topic_of(CONSUMES[service][0])
        joined = await send(access, JoinGroupRequest(group, 10_000, 10_000, "", "rogue", "consumer", [("range", b"")]))
        assert joined.error_code == GROUP_REFUSED
        moved = await send(access, OffsetCommitRequest(group, -1, "", -1, [(topic, [(0, 99, "")])]))
        assert moved.topics[0][1][0][1] == GROUP_REFUSED


ACTS_OF_AN_ADMIN: list[tuple[Callable[[], object], Callable[[Any], int], int]] = [
    (create_topic, lambda response: response.topic_errors[0][1], TOPIC_REFUSED),
    (
        lambda: CreatePartitionsRequest([(VOUCHERS, (24, None))], LIMIT_MS, validate_only=False),
        lambda response: response.topic_errors[0][1],
        TOPIC_REFUSED,
    ),
    (
        lambda: DeleteTopicsRequest([VOUCHERS], LIMIT_MS),
        lambda response: response.topic_error_codes[0][1],
        TOPIC_REFUSED,
    ),
    (
        lambda: CreateAclsRequest(*WRITE_VOUCHERS),
        lambda response: response.creation_responses[0][0],
        CLUSTER_REFUSED,
    ),
    (
        lambda: DeleteAclsRequest(*WRITE_VOUCHERS),
        lambda response: response.filter_responses[0][0],
        CLUSTER_REFUSED,
    ),
]


async def test_a_batch_is_as_large_as_what_it_unpacks_to(broker: KafkaNode) -> None:
    """A consumer that died of it would meet it again at its next start, and everybody behind it would wait for ever."""
    access = broker.access("voucher")
    assert await code_of(produce_compressed(access, VOUCHERS, BATCH_BYTES_MOST)) == GRANTED
    assert await code_of(produce_compressed(access, VOUCHERS, 20 * BATCH_BYTES_MOST)) == TOO_LARGE


@pytest.mark.parametrize("principal", INSIDERS)
async def test_nobody_but_the_admin_changes_topics_or_rights(broker: KafkaNode, principal: str) -> None:
    access = broker.access(principal)
    for request, code, refused in ACTS_OF_AN_ADMIN:
        assert code(await send(access, request())) == refused, request()


async def test_a_right_that_no_rule_gives_is_withdrawn_at_the_next_start(broker: KafkaNode) -> None:
    payout = broker.access("payout")
    await send(broker.access(ADMIN), CreateAclsRequest(*WRITE_VOUCHERS))
    async with asyncio.timeout(LIMIT_S):
        while await code_of(produce(payout, VOUCHERS)) != GRANTED:
            await asyncio.sleep(0.1)
    await set_up_topics(broker.access(ADMIN))
    assert await code_of(produce(payout, VOUCHERS)) == TOPIC_REFUSED


async def test_with_its_own_credentials_a_service_is_carried_and_received(
    broker: KafkaNode, probe: ServiceDatabase
) -> None:
    """The honest way: voucher's relay, payout's consumer; what an insider put before it comes along as bytes."""
    async with probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "honest")
    relay = asyncio.create_task(
        Relay(probe.worker.url, broker.access("voucher"), VOUCHERS, probe.worker.keys.events).run()
    )
    source = KafkaSource(broker.access("payout"), group_of("payout"), [topic_of(name) for name in CONSUMES["payout"]])
    received = b""
    try:
        async with asyncio.timeout(LIMIT_S), contextlib.aclosing(source.batches()) as batches:
            while str(lamp.id).encode() not in received:
                received += b"".join(record.value for record in await anext(batches))
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
