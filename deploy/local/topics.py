"""What is set up on the brokers before anybody works: each service's topic, and who may do what with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from aiokafka import AIOKafkaClient
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from deploy.local.errors import LocalRunError, StartFailed
from deploy.local.kafka_settings import OBSERVER
from shared.messaging.access import BrokerAccess
from shared.messaging.topics import CONSUMES, PARTITIONS, SERVICES, TOPICS_BEGIN, group_of, topic_of

_REQUEST_MS = 10_000
_LIMIT_S = 30.0
_ALREADY_EXISTS = 36
_CONFIGS = {"retention.ms": "-1", "compression.type": "uncompressed"}
"""Kept for ever; and what is sent compressed is unpacked by the broker, so that its limit of a batch's size counts for
what consumers receive: a megabyte of gzip, which no consumer could get past, is a gigabyte of zeros."""
_ANY = 1
_ALLOW = 3
_ANY_HOST = "*"


class Kind(IntEnum):
    """What a right is about, in the numbers of Kafka's protocol."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    """Whether a right is about one name or all that begin so."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """What may be done; reading and writing include describing."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8


class Right(NamedTuple):
    """That a principal may do something; whatever no right names is refused."""

    principal: str
    operation: Operation
    kind: Kind
    name: str
    pattern: Pattern = Pattern.LITERAL


def rights() -> Iterator[Right]:
    """Who may do what: a topic is written by its service alone, read by it and where `CONSUMES` says so."""
    for service, sources in CONSUMES.items():
        yield Right(service, Operation.WRITE, Kind.TOPIC, topic_of(service))
        yield Right(service, Operation.READ, Kind.GROUP, group_of(service))
        for source in sorted({service, *sources}):
            yield Right(service, Operation.READ, Kind.TOPIC, topic_of(source))
    for kind in Kind:
        yield Right(OBSERVER, Operation.DESCRIBE, kind, TOPICS_BEGIN, Pattern.PREFIXED)


async def set_up_topics(admin: BrokerAccess) -> None:
    """Create the services' topics and rights; safe to repeat. See `create_topics` for what it raises."""
    await create_topics(admin, map(topic_of, SERVICES))
    await _until(lambda: _try_to_grant(admin, set(rights())), "set the rights")


async def create_topics(admin: BrokerAccess, names: Iterable[str]) -> None:
    """Create the topics that do not exist yet, with twelve partitions, kept for ever; waits until they can be used.

    Raises StartFailed if the brokers do not manage it within half a minute, LocalRunError if a topic exists with
    another number of partitions.
    """
    wanted = list(names)
    await _until(lambda: _try_to_create(admin, wanted), f"created the topics {wanted}")


async def _until(attempt: Callable[[], Awaitable[bool]], what: str) -> None:
    deadline, failure = time.monotonic() + _LIMIT_S, ""
    while True:
        try:
            if await attempt():
                return
        except (KafkaError, TimeoutError) as error:
            failure = f": {error or type(error).__name__}"
        if time.monotonic() > deadline:
            raise StartFailed(f"Kafka has not {what} within {_LIMIT_S:.0f} s{failure}")
        await asyncio.sleep(0.1)


async def _try_to_create(access: BrokerAccess, names: list[str]) -> bool:
    admin = AIOKafkaAdminClient(request_timeout_ms=_REQUEST_MS, **access.options())
    try:
        await admin.start()
        answer = await admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=_CONFIGS) for name in names])
        if any(error[1] not in (0, _ALREADY_EXISTS) for error in answer.topic_errors):
            return False
        return _usable(await admin.describe_topics(names))
    finally:
        await admin.close()


async def _try_to_grant(access: BrokerAccess, wanted: set[Right]) -> bool:
    """Grant the rights that lack and withdraw those that are too much; True if there were none of either."""
    client = AIOKafkaClient(request_timeout_ms=_REQUEST_MS, **access.options())
    try:
        await client.bootstrap()
        node = client.get_random_node()
        found = await client.send(node, DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ANY))
        if (refusal := for_code(found.error_code)) is not NoError:
            raise refusal(found.error_message)
        granted = {
            (kind, name, pattern, *entry) for kind, name, pattern, entries in found.resources for entry in entries
        }
        due = {
            (kind, name, pattern, f"User:{principal}", _ANY_HOST, operation, _ALLOW)
            for principal, operation, kind, name, pattern in wanted
        }
        await asyncio.gather(*(client.send(node, CreateAclsRequest(*entry)) for entry in due - granted))
        await asyncio.gather(*(client.send(node, DeleteAclsRequest(*entry)) for entry in granted - due))
        return granted == due
    finally:
        await client.close()


def _usable(topics: list[dict[str, object]]) -> bool:
    """Whether every partition has a leader; LocalRunError if a topic has another number of partitions than ours."""
    for topic in topics:
        partitions = topic["partitions"]
        if topic["error_code"] != 0 or not isinstance(partitions, list):
            return False
        if len(partitions) != PARTITIONS:
            raise LocalRunError(f"topic {topic['topic']} has {len(partitions)} partitions instead of {PARTITIONS}")
        if any(partition["error_code"] != 0 for partition in partitions):
            return False
    return True
