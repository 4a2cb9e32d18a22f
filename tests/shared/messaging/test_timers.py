"""Timers and external jobs: one process at a time, no lock left behind, and a turn dated by when it looked."""

import asyncio
import contextlib

import pytest
from sqlalchemy import select, text

from shared.messaging import timers
from shared.messaging.timers import ExternalJob, Timer, look, run_timers, take_turn
from shared.persistence import Database, UnitOfWork
from tests.databases import ServiceDatabase
from tests.probe import Lamp, LampAction, install

ADVISORY_LOCKS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = :database")
TIMES = text("SELECT name, ran_at, moved FROM timers")


async def advisory_locks(database: ServiceDatabase) -> int:
    """Advisory locks taken in the test's own database."""
    async with database.owner.engine.connect() as connection:
        number = (
            await connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        ).scalar_one()
        return int((await connection.execute(ADVISORY_LOCKS, {"database": number})).scalar_one())


async def idle(uow: UnitOfWork, limit: int) -> int:
    """Finds nothing due."""
    return 0


async def test_a_turn_is_dated_by_when_it_looked_not_by_when_it_ended(probe: ServiceDatabase) -> None:
    """What became due during the turn was not seen by it, so the clock must not take the turn for a later one."""

    async def look_slowly(uow: UnitOfWork, limit: int) -> int:
        await asyncio.sleep(0.3)
        return 0

    async def go_slowly(database: Database) -> int:
        await asyncio.sleep(0.3)
        return 0

    for slow in (Timer("slow timer", look_slowly), ExternalJob("slow job", go_slowly)):
        turn = asyncio.create_task(take_turn(probe.worker, slow))
        await asyncio.sleep(0.15)
        async with probe.worker.unit_of_work() as uow:
            meanwhile = uow.recorded_at
        await turn
        async with probe.worker.unit_of_work() as uow:
            ran_at = {row.name: row.ran_at for row in await uow.session.execute(TIMES)}
        assert ran_at[slow.name] < meanwhile


async def test_a_timer_has_one_turn_at_a_time(probe: ServiceDatabase) -> None:
    looking, let_go = asyncio.Event(), asyncio.Event()

    async def hold(uow: UnitOfWork, limit: int) -> int:
        looking.set()
        await let_go.wait()
        return 3

    first = asyncio.create_task(take_turn(probe.worker, Timer("probe", hold)))
    await looking.wait()
    assert await take_turn(probe.worker, Timer("probe", hold)) == 0
    let_go.set()
    assert await first == 3


async def light(uow: UnitOfWork, limit: int) -> int:
    """Switch on what is dark."""
    dark = list(await uow.session.scalars(select(Lamp.id).where(Lamp.status == "dark").limit(limit)))
    return len(await uow.move_all(Lamp, LampAction.SWITCH_ON, dark))


async def test_those_for_which_nothing_is_due_are_done_with_one_look(probe: ServiceDatabase) -> None:
    names = {f"timer {number}" for number in range(5)}
    assert await look(probe.worker, [Timer(name, idle) for name in sorted(names)]) == names
    async with probe.worker.unit_of_work() as uow:
        assert {(row.name, row.moved) for row in await uow.session.execute(TIMES)} == {(name, 0) for name in names}


async def test_what_is_due_is_not_done_by_the_look_but_once_by_its_own_turn(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        lamps = await install(uow, "red", "green", "blue")
    lighting = Timer("light", light)
    assert await look(probe.worker, [lighting, Timer("other", idle)]) == {"other"}
    async with probe.worker.unit_of_work() as uow:
        assert {lamp.status for lamp in await uow.session.scalars(select(Lamp))} == {"dark"}
        assert (await uow.session.scalars(text("SELECT count(*) FROM outbox"))).one() == 3
    assert await take_turn(probe.worker, lighting) == len(lamps)
    assert await look(probe.worker, [lighting, Timer("other", idle)]) == {"light", "other"}
    async with probe.worker.unit_of_work() as uow:
        assert (await uow.session.scalars(text("SELECT count(*) FROM outbox"))).one() == 6


async def test_after_one_that_fails_everybody_looks_alone(probe: ServiceDatabase) -> None:
    async def fail(uow: UnitOfWork, limit: int) -> int:
        await uow.session.execute(text("SELECT 1 / 0"))
        return 0

    assert await look(probe.worker, [Timer("before", idle), Timer("fails", fail), Timer("after", idle)]) == {"before"}


async def test_one_that_another_process_has_is_not_looked_for(probe: ServiceDatabase) -> None:
    looking, let_go = asyncio.Event(), asyncio.Event()

    async def hold(uow: UnitOfWork, limit: int) -> int:
        looking.set()
        await let_go.wait()
        return 0

    turn = asyncio.create_task(take_turn(probe.worker, Timer("held", hold)))
    await looking.wait()
    assert await look(probe.worker, [Timer("held", idle), Timer("free", idle)]) == {"free"}
    let_go.set()
    await turn


@pytest.mark.parametrize("steps", range(1, 30, 2))
async def test_a_cancelled_external_job_leaves_no_lock_behind(probe: ServiceDatabase, steps: int) -> None:
    """Cancelled at any await, twice as well: a pooled connection that kept the lock would stop the job for ever."""

    async def go(database: Database) -> int:
        await asyncio.sleep(0)
        return 0

    turn = asyncio.create_task(take_turn(probe.worker, ExternalJob("probe", go)))
    for _ in range(steps):
        await asyncio.sleep(0.0005)
    turn.cancel()
    await asyncio.sleep(0)
    turn.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await turn
    async with asyncio.timeout(5):
        while await advisory_locks(probe):
            await asyncio.sleep(0.05)


async def test_an_external_job_that_fails_gives_its_lock_back(probe: ServiceDatabase) -> None:
    async def fail(database: Database) -> int:
        raise RuntimeError("the bank is closed")

    with pytest.raises(RuntimeError, match="closed"):
        await take_turn(probe.worker, ExternalJob("probe", fail))
    assert await advisory_locks(probe) == 0


async def test_a_timer_that_fails_or_hangs_starves_no_other(
    probe: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "TURN_LIMIT_S", 0.2)
    monkeypatch.setattr(timers, "LOOK_LIMIT_S", 0.2)
    monkeypatch.setattr(timers, "TURN_EVERY_S", 0.05)

    async def fail(uow: UnitOfWork, limit: int) -> int:
        raise RuntimeError("a mistake")

    async def hang(uow: UnitOfWork, limit: int) -> int:
        await uow.session.execute(text("SELECT pg_sleep(60)"))
        return 0

    running = asyncio.create_task(
        run_timers(probe.worker, [Timer("fails", fail), Timer("hangs", hang), Timer("works", idle)], asyncio.Event())
    )
    async with asyncio.timeout(10):
        while True:
            async with probe.worker.unit_of_work() as uow:
                if {row.name for row in await uow.session.execute(TIMES)} == {"works"}:
                    break
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await advisory_locks(probe) == 0
