"""Where a consumer's records come from: Apache Kafka, with every await bounded and a watchdog over progress."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from shared.messaging.access import BrokerAccess
from shared.messaging.bounds import bounded
from shared.messaging.records import Record
from shared.messaging.topics import PARTITIONS
from shared.observability import logger
from shared.observability.metrics import count_consumed, part_turned, set_consumer_lag

BATCH_MOST = 500
POLL_MS = 200
COMMIT_EVERY_S = 0.25
"""Offsets are committed at the latest this long after the last batch, never in the middle of the loop's work."""
CALL_LIMIT_S = 10.0
START_LIMIT_S = 30.0
LOOK_EVERY_S = 5.0
STALL_LIMIT_S = 15.0
"""With events waiting and none coming for so long, the client is taken down and built anew."""
REBUILDS_MOST = 3
STARVE_LIMIT_S = 60.0
"""With records waiting and none received for so long, somebody sits on a partition: an alert."""
SESSION_TIMEOUT_MS = 6_000
MAX_POLL_INTERVAL_MS = 300_000
"""A batch that takes longer costs the member its partitions; it comes back with the next poll, and positions tell what
somebody else applied meanwhile."""

log = logger("source")


class ConsumerStalled(RuntimeError):
    """New clients did not help either: the process ends, and whoever supervises it starts another."""


class Source(Protocol):
    """The one seam between the broker and the consumer."""

    def batches(self) -> AsyncGenerator[Sequence[Record], None]:
        """Batches in the order of their partitions. Asking for the next one says that the last has been applied."""
        ...


Offsets: TypeAlias = Callable[[], Awaitable[Mapping[tuple[str, int], int]]]
"""Tells, by topic and partition, the offset of the record that the consumer's own database has not received yet."""


class _RebalanceListener(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Commits what has been applied before partitions go to somebody else, and forgets it when others have come."""

    def __init__(self, source: "KafkaSource") -> None:
        self._source = source

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self._source.commit()
        self._source.forget(assigned=False)

    async def on_partitions_assigned(self, assigned: Any) -> None:
        self._source.forget(assigned=True)
        log.info("partitions_assigned", count=len(assigned))


class KafkaSource:
    """One member of a consumer group.

    The group says who reads which partition; where each begins, `offsets` say, the consumer's own database: what the
    group has committed may be of a stranger who came in by its credentials. It is followed all the same, for whoever
    watches: a batch's offsets are committed after it was applied, on a timer, at a rebalance and at the end. A broker
    that restarts makes calls fail; the source goes on.
    """

    def __init__(
        self,
        access: BrokerAccess,
        group: str,
        topics: Sequence[str],
        *,
        member: str | None = None,
        offsets: Offsets | None = None,
    ) -> None:
        self._access, self._group, self._topics, self._member = access, group, tuple(topics), member
        self._offsets = offsets
        self._client: AIOKafkaConsumer | None = None
        self._applied: dict[TopicPartition, int] = {}
        self._generation = 0
        self._assigned = False
        self._placed: int | None = None
        """The generation in which each partition was begun where `offsets` say."""
        self._committed_at = 0.0
        self._looked_at = time.monotonic()
        self._behind: Mapping[TopicPartition, int] = {}
        """Partitions in which something waited at the last look, and the offsets of what came next there."""
        self._progress_at = time.monotonic()
        self._rebuilds = 0

    async def batches(self) -> AsyncGenerator[Sequence[Record], None]:
        """Batches until cancelled; `ConsumerStalled` when new clients do not help."""
        try:
            while True:
                if self._client is None:
                    await self._start()
                batch = await self._poll()
                generation = self._generation  # of the records just fetched: a poll may outlast a rebalance
                if batch:
                    yield batch
                    self._mark(batch, generation)
                await self._commit_if_due(idle=not batch)
                await self._watch()
                await self._watch_others()
        finally:
            await self._stop()

    async def commit(self) -> None:
        """Commit what has been applied; a failure is logged and repeated later."""
        if self._client is None or not self._applied:
            return
        assigned = self._client.assignment()
        offsets = {partition: position for partition, position in self._applied.items() if partition in assigned}
        self._committed_at = time.monotonic()
        try:
            if offsets:
                async with bounded(CALL_LIMIT_S):
                    await self._client.commit(offsets)
            for partition, position in offsets.items():
                if self._applied.get(partition) == position:
                    del self._applied[partition]
        except (KafkaError, TimeoutError) as error:
            log.warning("offsets_not_committed", error=type(error).__name__)

    def forget(self, *, assigned: bool) -> None:
        """End an assignment or begin another: what was fetched before is never committed, others may be further."""
        self._generation += 1
        self._assigned = assigned
        self._applied.clear()

    async def _start(self) -> None:
        client = AIOKafkaConsumer(
            group_id=self._group,
            group_instance_id=self._member,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
            heartbeat_interval_ms=SESSION_TIMEOUT_MS // 3,
            max_poll_records=BATCH_MOST,
            fetch_max_wait_ms=POLL_MS,
            metadata_max_age_ms=30_000,
            retry_backoff_ms=100,
            **self._access.options(),
        )
        client.subscribe(self._topics, listener=_RebalanceListener(self))
        try:
            async with bounded(START_LIMIT_S):
                await client.start()
        except (KafkaError, TimeoutError, OSError) as error:
            log.warning("consumer_not_started", error=type(error).__name__)
            await self._close(client)
            await asyncio.sleep(1.0)
            return
        except asyncio.CancelledError:
            await self._close(client)
            raise
        self._client, self._progress_at = client, time.monotonic()

    async def _poll(self) -> list[Record]:
        if self._client is None:
            return []
        try:
            async with bounded(CALL_LIMIT_S):
                fetched = await self._client.getmany(timeout_ms=POLL_MS)
        except (KafkaError, TimeoutError) as error:
            log.warning("poll_failed", error=type(error).__name__)
            await asyncio.sleep(0.2)
            return []
        part_turned("consumer")
        if self._offsets is not None and self._placed != self._generation:
            await self._place(self._client, self._offsets)
            return []  # it was fetched where the group says; from now on it comes from where it should
        batch = [
            Record(
                message.topic, message.partition, message.offset, message.value or b"", message.timestamp, message.key
            )
            for messages in fetched.values()
            for message in messages
        ]
        if batch:
            self._progress_at, self._rebuilds = time.monotonic(), 0
        return batch

    async def _place(self, client: AIOKafkaConsumer, read_offsets: Offsets) -> None:
        """Begin each partition where the database has come to, once it is known which are ours."""
        generation = self._generation
        try:
            async with bounded(CALL_LIMIT_S):
                reached = await read_offsets()
        except Exception as error:  # noqa: BLE001  # without the database nothing could be applied either
            log.warning("offsets_unknown", error=type(error).__name__)
            await asyncio.sleep(1.0)
            return
        if not self._assigned or generation != self._generation:
            return
        starts = {at: reached.get((at.topic, at.partition), 0) for at in client.assignment()}
        for partition, start in starts.items():
            client.seek(partition, start)
        self._placed = generation
        await self._compare(client, starts)

    async def _compare(self, client: AIOKafkaConsumer, starts: Mapping[TopicPartition, int]) -> None:
        """Say where the group claims to be further than the database: somebody else has committed in its name."""
        try:
            async with bounded(CALL_LIMIT_S):
                committed = await asyncio.gather(*(client.committed(partition) for partition in starts))
        except (KafkaError, TimeoutError) as error:
            log.warning("commits_unknown", error=type(error).__name__)
            return
        for (partition, start), claimed in zip(starts.items(), committed, strict=True):
            if claimed is not None and claimed > start:
                count_consumed(self._group, "any", "recovered", claimed - start)
                log.error(
                    "offsets_of_a_stranger",
                    topic=partition.topic,
                    partition=partition.partition,
                    first=start,
                    count=claimed - start,
                )

    def _mark(self, batch: Sequence[Record], generation: int) -> None:
        self._progress_at = time.monotonic()
        if generation != self._generation:
            return  # it comes again, to whoever has its partitions now
        for record in batch:
            self._applied[TopicPartition(record.topic, record.partition)] = record.position + 1

    async def _commit_if_due(self, *, idle: bool) -> None:
        if self._applied and (idle or time.monotonic() - self._committed_at >= COMMIT_EVERY_S):
            await self.commit()

    async def _watch(self) -> None:
        """Rebuild a client that brings nothing although something waits, or that has no partitions for too long."""
        if self._client is None or time.monotonic() - self._progress_at < LOOK_EVERY_S:
            return
        stalled_s = time.monotonic() - self._progress_at
        waiting = await self._waiting(self._client)
        if waiting == 0:
            self._progress_at, self._rebuilds = time.monotonic(), 0
        elif stalled_s >= STALL_LIMIT_S:
            self._rebuilds += 1
            log.error("consumer_stalled", waiting=waiting, stalled_s=round(stalled_s, 1), rebuilds=self._rebuilds)
            if self._rebuilds > REBUILDS_MOST:
                raise ConsumerStalled(f"{self._group}: {waiting} events wait and none comes")
            await self._stop()

    async def _waiting(self, client: AIOKafkaConsumer) -> int | None:
        """How many events wait; None if it cannot be known."""
        try:
            assigned = client.assignment()
            if not assigned:
                return None
            async with bounded(CALL_LIMIT_S):
                ends = await client.end_offsets(list(assigned))
                lag = {partition: ends[partition] - await client.position(partition) for partition in assigned}
        except (KafkaError, TimeoutError, KeyError) as error:
            log.warning("lag_unknown", error=type(error).__name__)
            return None
        for topic in self._topics:
            by_partition = {at.partition: waiting for at, waiting in lag.items() if at.topic == topic}
            set_consumer_lag(self._group, topic, by_partition)
        return int(sum(lag.values()))

    async def _watch_others(self) -> None:
        """Look at every partition, whoever has it: who reads one and applies nothing would starve us of it."""
        if self._client is None or self._offsets is None or time.monotonic() - self._looked_at < STARVE_LIMIT_S:
            return
        self._looked_at, before = time.monotonic(), self._behind
        places = [TopicPartition(topic, number) for topic in self._topics for number in range(PARTITIONS)]
        try:
            async with bounded(CALL_LIMIT_S):
                received, ends = await self._offsets(), await self._client.end_offsets(places)
        except Exception as error:  # noqa: BLE001  # a look that fails is repeated
            log.warning("lag_unknown", error=type(error).__name__)
            return
        next_offsets = {place: received.get((place.topic, place.partition), 0) for place in ends}
        self._behind = {place: next_offsets[place] for place, end in ends.items() if next_offsets[place] < end}
        for place, end in ends.items():
            waiting = max(end - next_offsets[place], 0)
            set_consumer_lag(self._group, place.topic, {place.partition: waiting})
            if place in before and before[place] == self._behind.get(place):
                log.error("partition_starved", topic=place.topic, partition=place.partition, waiting=waiting)

    async def _stop(self) -> None:
        if self._client is None:
            return
        client = self._client
        try:
            await self.commit()
        finally:
            self._client = None
            self.forget(assigned=False)
            await self._close(client)

    async def _close(self, client: AIOKafkaConsumer) -> None:
        with contextlib.suppress(KafkaError, TimeoutError, OSError):
            async with bounded(CALL_LIMIT_S):
                await client.stop()
