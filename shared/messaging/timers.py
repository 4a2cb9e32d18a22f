"""What the clock moves: set-based, at most a thousand rows a turn, one process at a time.

Each second all timers of a service look together, in one unit of work; those for which something is due then have a
turn of their own.
"""

import asyncio
import contextlib
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import ARRAY, DateTime, Integer, bindparam, text

from shared.kernel.actor import Actor, ActorKind
from shared.observability import logger
from shared.observability.metrics import count_timer_failure, count_timer_rows, part_turned, timer_turned
from shared.persistence import Database, UnitOfWork, refusal_of

LOCK_SPACE = 0x74696D  # "tim"
ROWS_MOST = 1_000
TURN_EVERY_S = 1.0
TURN_CHANNEL = "timers"
"""A NOTIFY here asks for a turn at once: from whoever has moved business time, and does not wait for the second."""
TURN_LIMIT_S = 60.0
LOOK_LIMIT_S = 10.0

# Both against another worker process of the service that runs the same timer at the same time.
TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:space, :name)")
TRY_SESSION_LOCK = text("SELECT clock_timestamp() WHERE pg_try_advisory_lock(:space, :name)")
# Against another worker process whose turn of one of these timers has begun.
TRY_LOCKS = text("SELECT name FROM unnest(:names) AS name WHERE pg_try_advisory_xact_lock(:space, name)").bindparams(
    bindparam("names", type_=ARRAY(Integer))
)
UNLOCK = text("SELECT pg_advisory_unlock(:space, :name)")
REMEMBER = text(
    """
    INSERT INTO timers (name, ran_at, moved) VALUES (:name, :began_at, :moved)
    ON CONFLICT (name) DO UPDATE SET ran_at = excluded.ran_at, moved = excluded.moved
    """
).bindparams(bindparam("began_at", type_=DateTime(timezone=True)))
"""A turn is dated by its beginning: what became due while it ran was not seen by it."""

Act: TypeAlias = Callable[[UnitOfWork, int], Awaitable[int]]
Go: TypeAlias = Callable[[Database], Awaitable[int]]

log = logger("timers")


@dataclass(frozen=True, slots=True)
class Timer:
    """Moves up to the given number of rows that are due, in one unit of work, and answers how many it moved."""

    name: str
    act: Act


@dataclass(frozen=True, slots=True)
class ExternalJob:
    """Something that must go outside between two units of work (asking the bank); answers how many rows it moved."""

    name: str
    go: Go


async def run_timers(database: Database, timers: Sequence[Timer | ExternalJob], asked: asyncio.Event) -> None:
    """Give every timer a turn each second, and when `asked`, until cancelled.

    One that fails is logged and does not stop the others.
    """
    while True:
        more = False
        asked.clear()
        try:
            async with asyncio.timeout(LOOK_LIMIT_S):
                idle = await look(database, timers)
            part_turned("timers")
        except Exception as error:  # whatever it is, each timer then says for itself
            log.warning("look_failed", exc_info=error)
            idle = frozenset()
        for timer in timers:
            if timer.name in idle:
                continue
            try:
                async with asyncio.timeout(TURN_LIMIT_S):
                    more |= await take_turn(database, timer) >= ROWS_MOST
            except Exception as error:  # the next turn tries again
                refusal = refusal_of(error)
                count_timer_failure(timer.name)
                log.error("timer_failed", timer=timer.name, code=refusal.code if refusal else None, exc_info=error)
            part_turned("timers")
        if not more:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), TURN_EVERY_S)


async def look(database: Database, timers: Sequence[Timer | ExternalJob]) -> frozenset[str]:
    """Let all timers look in one unit of work whether anything is due; the names of those that found nothing.

    What the others did there is undone: they have their turn alone, so that no timer waits for another, or fails with
    it. Those that another process has, and all that came after one that failed, are not among the idle.
    """
    looking = {_lock(timer.name)["name"]: timer for timer in timers if isinstance(timer, Timer)}
    idle: list[str] = []
    async with database.unit_of_work(Actor(ActorKind.TIMER, "look")) as uow:
        ours = {"space": LOCK_SPACE, "names": list(looking)}
        free = set(await uow.session.scalars(TRY_LOCKS, ours))
        try:
            async with uow.undone():
                for number, timer in looking.items():
                    if number in free and not await timer.act(uow, 1):
                        idle.append(timer.name)
        except Exception as error:  # it has a turn of its own, and says there what is wrong
            log.debug("look_ended", exc_info=error)
        if idle:
            turns = [{"name": name, "began_at": uow.recorded_at, "moved": 0} for name in idle]
            await uow.session.execute(REMEMBER, turns)
    for name in idle:
        timer_turned(name)
    return frozenset(idle)


async def take_turn(database: Database, timer: Timer | ExternalJob) -> int:
    """One turn of one timer; 0 if another process has it."""
    moved = await (_job_turn(database, timer) if isinstance(timer, ExternalJob) else _timer_turn(database, timer))
    timer_turned(timer.name)
    if moved:
        count_timer_rows(timer.name, moved)
    return moved


async def _timer_turn(database: Database, timer: Timer) -> int:
    async with database.unit_of_work(Actor(ActorKind.TIMER, timer.name)) as uow:
        if not (await uow.session.execute(TRY_LOCK, _lock(timer.name))).scalar_one():
            return 0
        moved = await timer.act(uow, ROWS_MOST)
        await uow.session.execute(REMEMBER, {"name": timer.name, "began_at": uow.recorded_at, "moved": moved})
    return moved


async def _job_turn(database: Database, job: ExternalJob) -> int:
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        began_at = (await connection.execute(TRY_SESSION_LOCK, _lock(job.name))).scalar_one_or_none()
        if began_at is None:
            return 0
        try:
            moved = await job.go(database.acting_as(Actor(ActorKind.TIMER, job.name)))
            await connection.execute(REMEMBER, {"name": job.name, "began_at": began_at, "moved": moved})
        except BaseException:
            await connection.invalidate()  # its end frees the lock, whatever state a cancellation left it in
            raise
        await connection.execute(UNLOCK, _lock(job.name))
    return moved


def _lock(name: str) -> dict[str, int]:
    return {"space": LOCK_SPACE, "name": zlib.crc32(name.encode()) - 2**31}
