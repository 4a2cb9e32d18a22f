"""The relay: carries events from the outbox to the topic, each aggregate's in order, none lost.

A partition is a relay's slice under an advisory lock of one dedicated connection. Read in id order, send, delete
by id. There is no cursor (an id that commits late would be passed over) and no SKIP LOCKED (it would reorder).

The producer has no number by which the broker knows repetitions (`enable_idempotence`): a stranger with the password
could send under it, and the broker would drop what the relay sends next. Consumers know repetitions by their ids.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.messaging.access import BrokerAccess
from shared.messaging.bounds import bounded
from shared.messaging.topics import PARTITIONS, owner_of
from shared.messaging.wakeup import CHANNEL, driver_dsn
from shared.observability import logger
from shared.observability.metrics import count_sent, part_turned, set_outbox
from shared.security import EventSignatureInvalid, EventVerifier

LOCK_SPACE = 0x6F7574  # "out"
READ_MOST = 2_000
LOADS_MOST = 10
"""Loads of one pass; between passes the relay looks for free partitions and measures the outbox."""
BATCH_BYTES_MOST = 512 * 1024
POLL_S = 1.0
SEND_LIMIT_S = 10.0
IDLE_SESSION_S = 15
"""A frozen or vanished relay loses its connection and so its locks after so long: longer than a send may take."""
CALL_LIMIT_S = 5.0
RETRY_S = 1.0
METRICS_EVERY_S = 5.0

HEADERS = [("content-type", b"application/cloudevents+json; charset=utf-8")]
"""What says that a record's value is a whole CloudEvent (CloudEvents' Kafka binding, structured mode)."""

READ = """
    SELECT id, partition, convert_to(aggregate_id, 'UTF8'), convert_to(envelope, 'UTF8') FROM outbox
    WHERE partition = ANY($1::smallint[]) AND (id > $3 OR id <> ALL($4::bigint[])) ORDER BY id LIMIT $2
"""
"""What waits, without what is being sent: $4 are its ids, $3 is their highest, past which none need be compared."""
PARK = """
    INSERT INTO parked_events (
        consumer, aggregate_type, aggregate_id, version, event_type, topic, partition, position, envelope, code, detail
    )
    SELECT
        $2, aggregate_type, aggregate_id, version, 'unknown', $3, partition, -id, convert_to(envelope, 'UTF8'), $4, $5
    FROM outbox WHERE id = ANY($1::bigint[]) ON CONFLICT DO NOTHING
"""
"""What the service did not sign, and somebody has written by SQL, is parked with itself too, in a place of its own."""
DELETE = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"
WAITING = "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(written_at)), 0)::float8 FROM outbox"

log = logger("relay")


class RelayLost(RuntimeError):
    """The dedicated connection or the producer is of no use any more; everything is given up and built anew."""


BREAKS = (
    RelayLost,
    KafkaError,
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a relay gets over by starting anew."""


class Waiting(NamedTuple):
    """An outbox row."""

    id: int
    partition: int
    key: bytes
    value: bytes


class Relay:
    """Sends one service's outbox to its topic.

    Several relays of one service share the partitions; each takes those that nobody holds. What the service has not
    signed, as the `verifier` tells, is sent all the same, so that it parks where it is received, and parked here.
    Its connection is the one of the process that listens; `bells` are rung by a NOTIFY on other channels.
    """

    def __init__(
        self,
        url: str,
        access: BrokerAccess,
        topic: str,
        verifier: EventVerifier,
        bells: Mapping[str, asyncio.Event] = MappingProxyType({}),
    ) -> None:
        self._dsn, self._access, self._topic, self._verifier = driver_dsn(url), access, topic, verifier
        self._bells = bells
        self._woken = asyncio.Event()
        self._held: list[int] = []
        self._measured_at = 0.0

    async def run(self) -> None:
        """Carry events until cancelled; whatever breaks is built anew."""
        while True:
            try:
                await self._carry_until_broken()
            except BREAKS as error:
                log.warning("relay_rebuilt", error=type(error).__name__, detail=str(error)[:200])
            await asyncio.sleep(RETRY_S)

    async def _carry_until_broken(self) -> None:
        producer = AIOKafkaProducer(
            acks="all",
            max_batch_size=BATCH_BYTES_MOST,
            request_timeout_ms=int(SEND_LIMIT_S * 1000),
            **self._access.options(),
        )
        connection: asyncpg.Connection | None = None
        try:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=CALL_LIMIT_S,
                command_timeout=CALL_LIMIT_S,
                server_settings={
                    "application_name": "relay",
                    "idle_session_timeout": f"{IDLE_SESSION_S}s",
                    "statement_timeout": f"{int(CALL_LIMIT_S * 1000)}",
                    "plan_cache_mode": "force_custom_plan",
                },
            )
            for channel, bell in {CHANNEL: self._woken, **self._bells}.items():
                await connection.add_listener(channel, partial(_ring, bell))
            async with bounded(2 * SEND_LIMIT_S):
                await producer.start()
            await self._carry(connection, producer)
        finally:
            self._held = []
            if connection is not None:
                connection.terminate()
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                async with bounded(SEND_LIMIT_S):
                    await producer.stop()

    async def _carry(self, connection: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        loop = asyncio.get_running_loop()
        locks_looked_at = 0.0
        while True:
            if loop.time() - locks_looked_at >= RETRY_S:
                await self._take_partitions(connection)
                locks_looked_at = loop.time()
            self._woken.clear()
            carried = await self.pass_once(connection, producer)
            await self._measure(connection, loop.time())
            if carried == 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), POLL_S)

    async def _take_partitions(self, connection: asyncpg.Connection) -> None:
        """Lock what is free, against a second relay that would send the same events at the same time."""
        free = [partition for partition in range(PARTITIONS) if partition not in self._held]
        if not free:
            return
        rows = await connection.fetch(
            "SELECT partition FROM unnest($1::int[]) AS partition WHERE pg_try_advisory_lock($2::int, partition)",
            free,
            LOCK_SPACE,
        )
        self._held += [row["partition"] for row in rows]

    async def pass_once(self, connection: asyncpg.Connection, producer: AIOKafkaProducer) -> int:
        """Carry what waits, up to `LOADS_MOST` loads; answers how many events it was. No transaction is open meanwhile.

        While one load is on its way, the one before is deleted and the next is read. The next is sent only when all of
        this one is with the broker, so that nothing overtakes what failed.
        """
        carried, sent = 0, list[int]()
        load = await self._read(connection, [])
        for turn in range(1, LOADS_MOST + 1):
            if not load:
                break
            sending = asyncio.create_task(self._send_all(producer, load))
            try:
                await self._delete(connection, sent)
                load = await self._read(connection, [row.id for row in load]) if turn < LOADS_MOST else []
                sent, failures = await sending
            except BaseException:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
                raise
            carried += len(sent)
            if failures:
                await self._delete(connection, sent)
                raise RelayLost(f"{len(failures)} partitions could not be sent: {type(failures[0]).__name__}")
        await self._delete(connection, sent)
        return carried

    async def _delete(self, connection: asyncpg.Connection, sent: Sequence[int]) -> None:
        if sent:
            await connection.execute(DELETE, sent)

    async def _read(self, connection: asyncpg.Connection, on_the_way: Sequence[int]) -> list[Waiting]:
        """The oldest events that wait, except those on the way."""
        highest = max(on_the_way, default=0)
        rows = [Waiting(*row) for row in await connection.fetch(READ, self._held, READ_MOST, highest, on_the_way)]
        if unsigned := [row.id for row in rows if not self._is_signed(row)]:
            code = EventSignatureInvalid.code
            await connection.execute(PARK, unsigned, owner_of(self._topic), self._topic, code, "it stood in the outbox")
            log.error("outbox_unsigned", code=code, events=len(unsigned))
        return rows

    def _is_signed(self, row: Waiting) -> bool:
        """Whether the service signed what it is about to send."""
        try:
            return self._verifier.signer_of(row.value) == owner_of(self._topic)
        except EventSignatureInvalid:
            return False

    async def _send_all(self, producer: AIOKafkaProducer, load: Sequence[Waiting]) -> tuple[list[int], list[Exception]]:
        """Send each partition's events in order; the ids that the broker has, and what stopped the rest."""
        by_partition: dict[int, list[Waiting]] = defaultdict(list)
        for row in load:
            by_partition[row.partition].append(row)
        async with bounded(SEND_LIMIT_S):
            sent = await asyncio.gather(
                *(self._send(producer, partition, waiting) for partition, waiting in by_partition.items())
            )
        ids = [row_id for partition_ids, _ in sent for row_id in partition_ids]
        count_sent(len(ids))
        return ids, [failure for _, failure in sent if failure is not None]

    async def _send(
        self, producer: AIOKafkaProducer, partition: int, waiting: Sequence[Waiting]
    ) -> tuple[list[int], Exception | None]:
        """Send one partition's events in order; the ids that the broker has, and what stopped the rest."""
        sent: list[int] = []
        place = 0
        try:
            while place < len(waiting):
                batch, first = producer.create_batch(), place
                while place < len(waiting) and (
                    batch.append(key=waiting[place].key, value=waiting[place].value, timestamp=None, headers=HEADERS)
                    is not None
                ):
                    place += 1
                if place == first:
                    raise RelayLost(f"event {waiting[place].id} is larger than a batch may be")
                batch.close()
                await (await producer.send_batch(batch, self._topic, partition=partition))
                sent += [row.id for row in waiting[first:place]]
        except (KafkaError, RelayLost, OSError) as failure:
            return sent, failure
        return sent, None

    async def _measure(self, connection: asyncpg.Connection, now_s: float) -> None:
        if now_s - self._measured_at >= METRICS_EVERY_S:
            self._measured_at = now_s
            part_turned("relay")
            depth, oldest_s = await connection.fetchrow(WAITING)
            set_outbox(depth, oldest_s)


def _ring(bell: asyncio.Event, *_notification: object) -> None:
    bell.set()
