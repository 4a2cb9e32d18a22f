"""A service's worker process: its relay, its consumer and its timers."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import astuple, dataclass
from typing import Any, TypeAlias

import uvloop

from shared.contracts import EVENT_TYPES
from shared.messaging.access import BrokerAccess
from shared.messaging.bounds import is_ordered_to_end
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import EveryHandler, Handlers, merge
from shared.messaging.parked import count_parked
from shared.messaging.relay import Relay
from shared.messaging.restored import wait_until_level
from shared.messaging.source import KafkaSource, Source
from shared.messaging.timers import TURN_CHANNEL, ExternalJob, Timer, run_timers
from shared.messaging.topics import CONSUMES, group_of, topic_of
from shared.messaging.wakeup import OutboxWaker
from shared.observability import configure_logs, logger
from shared.observability.metrics import (
    count_timer_rows,
    expect_parts,
    set_overdue,
    set_parked_events,
    set_standing,
    watch_pool,
)
from shared.observability.metrics_server import serve_metrics
from shared.persistence import Database, UnitOfWork
from shared.persistence.models import load_models
from shared.persistence.overdue import Alarm, count_overdue
from shared.persistence.retention import delete_old_answers
from shared.persistence.standing import count_standing
from shared.settings import Settings

POOL_SIZE = 4
STOP_LIMIT_S = 20.0
PARKED_EVERY_S = 5.0
STANDING_EVERY_S = 60.0
RETENTION_EVERY_S = 3_600.0

log = logger("worker")


class PartEnded(RuntimeError):
    """A part of a worker process ended though nobody had stopped it: the process ends, and another one is started."""


Around: TypeAlias = Callable[[Source], Source]
"""Puts something around the source, as tests do that make it worse."""


@dataclass(frozen=True)
class WorkerProcess:
    """What a service does in the background.

    `rooms` are the handlers of its rooms, `every` receives all envelopes before them; whose topics it consumes stands
    in `CONSUMES`. `alarms` count what is late by rules of their own, beside the time limits of life cycles.
    """

    service: str
    rooms: Sequence[Handlers] = ()
    timers: Sequence[Timer | ExternalJob] = ()
    every: EveryHandler | None = None
    alarms: Sequence[Alarm] = ()

    def __post_init__(self) -> None:
        load_models(self.service)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that it consumes."""
        return tuple(topic_of(service) for service in CONSUMES[self.service])

    def consumer(self, database: Database) -> Consumer:
        """The consumer over this service's database."""
        return Consumer(self.service, database, EVENT_TYPES, merge(self.rooms), self.every)

    async def run(self, settings: Settings, *, around: Around = lambda source: source) -> None:
        """Work until cancelled. What cannot be mended inside raises, and whoever supervises starts another."""
        url, access = settings.need_text("database_url"), BrokerAccess.from_settings(settings)
        database = Database(url, settings=settings, pool_size=POOL_SIZE, application_name=f"{self.service}-worker")
        database.check_keys(consumes=True)
        watch_pool(*database.pool())
        expect_parts("relay", "consumer", "timers")
        waker = OutboxWaker(url)
        database.after_events(waker.wake)
        member = f"{self.service}-{settings.worker_ordinal}"
        consumer = self.consumer(database)
        kafka = KafkaSource(access, group_of(self.service), self.topics, member=member, offsets=consumer.offsets)
        turn_asked = asyncio.Event()
        try:
            await wait_until_level(database, access, topic_of(self.service), EVENT_TYPES)
            parts: list[Coroutine[Any, Any, None]] = [
                Relay(url, access, topic_of(self.service), database.keys.events, {TURN_CHANNEL: turn_asked}).run(),
                consumer.run(around(kafka)),
                run_timers(database, self.timers, turn_asked),
                self._watch(PARKED_EVERY_S, lambda: self._count_parked(database)),
                self._watch(STANDING_EVERY_S, lambda: self._count_standing(database)),
                self._watch(RETENTION_EVERY_S, lambda: self._forget(database)),
            ]
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(without_end(part))
        finally:
            await waker.close()
            await database.close()

    async def _watch(self, every_s: float, count: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await count()
            except Exception as error:  # a look that fails is repeated, and is no reason to stop
                log.warning("watch_failed", exc_info=error)
            await asyncio.sleep(every_s)

    async def _count_parked(self, database: Database) -> None:
        set_parked_events(self.service, await count_parked(database, self.service))

    async def _count_standing(self, database: Database) -> None:
        async with database.unit_of_work() as uow:
            for standing in await count_standing(uow, self.service):
                set_standing(*astuple(standing))
            set_overdue(await self.overdue(uow))

    async def _forget(self, database: Database) -> None:
        if deleted := await delete_old_answers(database):
            log.info("old_answers_deleted", rows=deleted)
            count_timer_rows(f"{self.service}.delete_old_answers", deleted)

    async def overdue(self, uow: UnitOfWork) -> dict[str, int]:
        """How much waits beyond its day for people, by what it is (R1, A26)."""
        counts = await count_overdue(uow, self.service)
        for alarm in self.alarms:
            counts |= await alarm(uow)
        return counts


async def without_end(part: Coroutine[Any, Any, None]) -> None:
    """Run a part that ends only when it is cancelled; `PartEnded` when it ends otherwise.

    A task group takes a task that was cancelled, by whomever, for one that is done, and would go on without it.
    """
    with contextlib.suppress(asyncio.CancelledError):
        await part
    if is_ordered_to_end():
        raise asyncio.CancelledError
    raise PartEnded(str(part))


def run_worker(worker: WorkerProcess, settings: Settings, *, around: Around = lambda source: source) -> None:
    """Run a worker process until SIGTERM or SIGINT."""
    configure_logs(worker.service, settings.log_level)
    serve_metrics(worker.service, settings)

    async def until_stopped() -> None:
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        work = asyncio.create_task(worker.run(settings, around=around))
        stop = asyncio.create_task(stopped.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not work.done():
            work.cancel()
            await asyncio.wait({work}, timeout=STOP_LIMIT_S)
        with contextlib.suppress(asyncio.CancelledError):
            if work.done():
                work.result()
        log.info("worker_stopped")

    uvloop.run(until_stopped())
