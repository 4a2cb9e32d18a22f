"""Moving business time forward: only when all that was due has happened and every service has received it.

A whole season passes in a minute without any rule being shortened. Recorded time is never moved.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from deploy.local.environment import SERVICES, LocalEnvironment, Process
from deploy.local.errors import LocalRunError
from deploy.local.kafka_settings import OBSERVER
from shared.messaging.access import BrokerAccess
from shared.messaging.timers import TURN_CHANNEL
from shared.messaging.topics import CONSUMES, PARTITIONS, topic_of

Answer = TypeVar("Answer")

QUIET_LIMIT_S = 240.0
"""Longer than a consumer takes that loses its broker: four clients, each given up after 15 s and 40 s of calls."""
BETWEEN_PASSES_S = 0.15
KAFKA_CALL_LIMIT_S = 10.0

OUTBOX = "SELECT count(*) FROM outbox"
PARKED = "SELECT count(*) FROM parked_events"
RECEIVED = "SELECT topic, partition, next_offset FROM offsets"
WITH_THE_BANK = "SELECT count(*) FROM payouts WHERE status IN ('sent', 'unknown')"
BUSY_TIMERS = "SELECT name FROM timers WHERE ran_at <= $1 OR moved > 0"
ASK_FOR_A_TURN = f"NOTIFY {TURN_CHANNEL}"
DATABASE_TIME = "SELECT clock_timestamp()"
BUSINESS_TIME = 'SELECT clock_timestamp() + "offset" FROM business_clock'
MOVE = """
    UPDATE business_clock SET "offset" = $1 - clock_timestamp(), moved_at = clock_timestamp()
    WHERE clock_timestamp() + "offset" < $1
"""
BREAKS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, KafkaError)
"""What happens to a connection whose server is killed."""


class NeverQuiet(LocalRunError):
    """Something still moves after the time limit, so time cannot be moved; the message says what."""

    hint = "`{program} status` shows what waits; `{program} parked list SERVICE` shows what could not be applied."


class EventsParked(LocalRunError):
    """Events are parked: somebody must look at them before time goes on."""

    hint = "`{program} parked list SERVICE` shows them, `{program} replay` applies them again."


class BackwardsRefused(LocalRunError):
    """Business time never goes back."""


@dataclass(frozen=True)
class Pass:
    """One look at everything: where the topics end, and what is not quiet yet."""

    ends: Mapping[TopicPartition, int]
    unquiet: str


class BusinessClock:
    """The business clock of a local run, over all five services.

    While events are parked it refuses to move, unless it goes on `despite_parked`.
    """

    def __init__(
        self, databases: Mapping[str, asyncpg.Connection], kafka: KafkaView, *, despite_parked: bool = False
    ) -> None:
        self._databases = databases
        self._kafka = kafka
        self._despite_parked = despite_parked

    @classmethod
    @contextlib.asynccontextmanager
    async def attach(
        cls, environment: LocalEnvironment, *, despite_parked: bool = False
    ) -> AsyncIterator[BusinessClock]:
        """The clock of a run that is up."""
        urls = {service: environment.database_url(service, Process.MIGRATE) for service in SERVICES}
        async with cls.open(urls, environment.broker_access(OBSERVER), despite_parked=despite_parked) as clock:
            yield clock

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, owner_urls: Mapping[str, str], observer: BrokerAccess, *, despite_parked: bool = False
    ) -> AsyncIterator[BusinessClock]:
        """The clock over these databases (addresses as their owners) and this Kafka, as its observer."""
        async with contextlib.AsyncExitStack() as stack:
            databases = {}
            for service, url in owner_urls.items():
                connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"), timeout=10)
                stack.push_async_callback(connection.close)
                databases[service] = connection
            kafka = await stack.enter_async_context(KafkaView.open(observer))
            yield cls(databases, kafka, despite_parked=despite_parked)

    async def now(self) -> datetime:
        """Business time, UTC."""
        now: datetime = await self._databases["voucher"].fetchval(BUSINESS_TIME)
        return now

    async def advance(self, to: datetime, *, limit_s: float = QUIET_LIMIT_S) -> None:
        """Wait until all is quiet, then move all five clocks forward to `to`.

        Raises `BackwardsRefused`, `EventsParked`, or `NeverQuiet` after `limit_s` seconds.
        """
        times = [await connection.fetchval(BUSINESS_TIME) for connection in self._databases.values()]
        if min(times) >= to:
            raise BackwardsRefused(f"business time is past {to.isoformat()} already")
        await self.wait_until_quiet(limit_s=limit_s)
        for connection in self._databases.values():
            await connection.execute(MOVE, to)

    async def wait_until_quiet(self, *, limit_s: float = QUIET_LIMIT_S) -> None:
        """Wait for two quiet passes in a row between which no event came and after which no timer found anything."""
        deadline = time.monotonic() + limit_s
        before: Pass | None = None
        since: datetime | None = None
        while True:
            now: datetime = await self._databases["voucher"].fetchval(DATABASE_TIME)
            look = await self._look(since)
            if not look.unquiet and before is not None and before.ends == look.ends:
                return
            if since is None or (before is not None and before.ends != look.ends):
                before, since = (look, now) if not look.unquiet else (None, None)
            elif look.unquiet and not look.unquiet.startswith("timers"):
                before, since = None, None
            if time.monotonic() > deadline:
                raise NeverQuiet(f"not quiet after {limit_s:.0f} s: {look.unquiet or 'events keep coming'}")
            await asyncio.sleep(BETWEEN_PASSES_S)

    async def _look(self, since: datetime | None) -> Pass:
        """Look once; `since` is the first quiet look.

        The order matters: what a timer or the bank moved, and what a consumer did, is looked at before the outboxes,
        and these before the ends are read again. So an event that is emitted meanwhile is seen in either.
        """
        ends = await self._kafka.ends()
        behind = {name: await not_received(connection, name, ends) for name, connection in self._databases.items()}
        if any(behind.values()):
            return Pass(ends, f"events not received yet: {behind}")
        if sent := await self._databases["payout"].fetchval(WITH_THE_BANK):
            return Pass(ends, f"{sent} payouts are with the bank")
        busy = await self._busy_timers(since) if since is not None else ""
        for service, connection in self._databases.items():
            if not self._despite_parked and (parked := await connection.fetchval(PARKED)):
                raise EventsParked(f"events are parked in {service} ({parked}), because they could not be applied")
            if waiting := await connection.fetchval(OUTBOX):
                return Pass(ends, f"{waiting} events wait in the outbox of {service}")
        if await self._kafka.ends() != ends:
            return Pass(ends, "events were sent meanwhile")
        return Pass(ends, busy)

    async def _busy_timers(self, since: datetime) -> str:
        """Which timers have not begun an empty turn after `since`, empty if all have; they are asked for one."""
        busy = {}
        for service, connection in self._databases.items():
            if rows := await connection.fetch(BUSY_TIMERS, since):
                await connection.execute(ASK_FOR_A_TURN)
                busy[service] = ", ".join(row["name"] for row in rows)
        return f"timers have not come to rest: {busy}" if busy else ""


class PatientClock:
    """A business clock that outlives its servers: what breaks is opened anew and asked again."""

    def __init__(
        self, environment: LocalEnvironment, *, patience_s: float = QUIET_LIMIT_S, despite_parked: bool = False
    ) -> None:
        self._open = partial(BusinessClock.attach, environment, despite_parked=despite_parked)
        self._patience_s = patience_s
        self._stack = contextlib.AsyncExitStack()
        self._clock: BusinessClock | None = None
        self._one_at_a_time = asyncio.Lock()

    async def now(self) -> datetime:
        """Business time, UTC."""
        return await self._ask(lambda clock: clock.now())

    async def wait_until_quiet(self) -> None:
        """See `BusinessClock.wait_until_quiet`."""
        await self._ask(lambda clock: clock.wait_until_quiet())

    async def advance(self, to: datetime) -> None:
        """See `BusinessClock.advance`; a move that broke off is completed."""
        asked = 0

        async def move(clock: BusinessClock) -> None:
            nonlocal asked
            asked += 1
            try:
                await clock.advance(to)
            except BackwardsRefused:
                if asked == 1:
                    raise

        await self._ask(move)

    async def close(self) -> None:
        """Give the connections back."""
        self._clock = None
        with contextlib.suppress(*BREAKS):
            await self._stack.aclose()
        self._stack = contextlib.AsyncExitStack()

    async def _ask(self, question: Callable[[BusinessClock], Awaitable[Answer]]) -> Answer:
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                async with self._one_at_a_time:
                    if self._clock is None:
                        self._clock = await self._stack.enter_async_context(self._open())
                    return await question(self._clock)
            except BREAKS:
                await self.close()
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.5)


async def not_received(connection: asyncpg.Connection, service: str, ends: Mapping[TopicPartition, int]) -> int:
    """How many events a service has not received, by its own database.

    What its group has committed does not count: a stranger with its credentials may have done that.
    """
    topics = {topic_of(name) for name in CONSUMES[service]}
    received = {(topic, number): offset for topic, number, offset in await connection.fetch(RECEIVED)}
    return sum(max(0, end - received.get(tuple(at), 0)) for at, end in ends.items() if at.topic in topics)


class KafkaView:
    """Where the topics end."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._places = [TopicPartition(topic_of(name), number) for name in SERVICES for number in range(PARTITIONS)]

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, observer: BrokerAccess) -> AsyncIterator[KafkaView]:
        """Look at this Kafka as its observer."""
        consumer = AIOKafkaConsumer(enable_auto_commit=False, **observer.options())
        try:
            await asyncio.wait_for(consumer.start(), KAFKA_CALL_LIMIT_S)
            yield cls(consumer)
        finally:
            await consumer.stop()

    async def ends(self) -> dict[TopicPartition, int]:
        """The end offset of every partition of every topic."""
        ends: dict[TopicPartition, int] = await asyncio.wait_for(
            self._consumer.end_offsets(self._places), KAFKA_CALL_LIMIT_S
        )
        return ends
