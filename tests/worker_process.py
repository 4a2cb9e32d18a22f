"""What a service's worker process does, one step at a time, with the handlers and timers of its own list."""

import importlib
from collections.abc import Mapping, Sequence
from functools import cache

from shared.contracts.envelope import Event
from shared.kernel.actor import Actor, ActorKind
from shared.messaging import Handler, Timer, WorkerProcess
from shared.messaging.handlers import merge
from shared.messaging.timers import look, take_turn
from shared.persistence import UnitOfWork
from tests.databases import ServiceDatabase


def worker_of(service: str) -> WorkerProcess:
    """The worker process of a service, as its command starts it."""
    process: WorkerProcess = importlib.import_module(f"services.{service}.worker").worker()
    return process


@cache
def handlers_of(service: str) -> Mapping[type[Event], Sequence[Handler]]:
    """The handlers of a service's rooms, by the event that they consume."""
    return merge(worker_of(service).rooms)


async def receive(database: ServiceDatabase, *events: Event) -> None:
    """Apply events in their order, each in a unit of work of its own."""
    for event in events:
        await receive_together(database, event)


async def receive_together(database: ServiceDatabase, *events: Event) -> None:
    """Apply events in one unit of work, those of one class at once, as the consumer does with a wave."""
    async with database.worker.unit_of_work(Actor(ActorKind.CONSUMER, database.service)) as uow:
        await receive_in(uow, database.service, *events)


async def receive_in(uow: UnitOfWork, service: str, *events: Event) -> None:
    """Apply events in a unit of work that goes on."""
    handlers = handlers_of(service)
    for event_class in dict.fromkeys(type(event) for event in events):
        for handler in handlers[event_class]:
            await handler(uow, [event for event in events if type(event) is event_class])


async def overdue(database: ServiceDatabase) -> dict[str, int]:
    """What waits beyond its day for people, as the worker process counts it."""
    async with database.worker.unit_of_work() as uow:
        return await worker_of(database.service).overdue(uow)


async def look_around(database: ServiceDatabase) -> frozenset[str]:
    """Let the worker's timers look whether anything is due; the names of those that found nothing."""
    return await look(database.worker, worker_of(database.service).timers)


async def run_timers(database: ServiceDatabase) -> dict[str, int]:
    """Give each timer a turn, in the worker's order; how many rows each moved. External jobs (the bank) take none."""
    timers = [timer for timer in worker_of(database.service).timers if isinstance(timer, Timer)]
    return {timer.name: await take_turn(database.worker, timer) for timer in timers}
