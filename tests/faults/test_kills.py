"""Any process may be killed at any moment: the system comes back, loses nothing and pays nobody twice."""

import asyncio
import os
import random
import secrets
import signal
import sys
from pathlib import Path

import httpx
import pytest

from deploy.local.demo import drive, open_city
from deploy.local.demo.report import DemoResult, read_result
from deploy.local.demo.season import quotas
from deploy.local.demo.staff import AUDITOR
from deploy.local.status import running_processes
from tests.loop.system import RunningSystem, running_system

pytestmark = pytest.mark.xdist_group("loop")

LOOPS = 8
BETWEEN_KILLS_S = 2.5


def tell(what: str, done: int, of: int) -> None:
    """Progress, for the log of a failed test."""
    sys.stdout.write(f"{what} {done}/{of}\n")


async def kill_in_turn(root: Path, rng: random.Random) -> None:
    """Kill one child after another, all of them in a random order, until cancelled."""
    while True:
        names = sorted(running_processes(root / "run"))
        rng.shuffle(names)
        for name in names:
            pid = running_processes(root / "run").get(name)
            if pid is not None:
                sys.stdout.write(f"kill {name}\n")
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(BETWEEN_KILLS_S)


async def season_under_fire(system: RunningSystem, seed: int) -> DemoResult:
    """A season during which every child of the supervisor is killed."""
    async with open_city(system.environment) as city:
        killing = asyncio.create_task(kill_in_turn(system.root, random.Random(seed)))
        try:
            season = await drive(city, loops=LOOPS, tell=tell, seed_number=seed)
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
        result, _ = await read_result(season)
        verdict = await city.post(AUDITOR, "audit", "/v1/log-verifications")
        assert verdict["verified"] is True
    return result


async def test_a_season_survives_the_death_of_every_process() -> None:
    seed = secrets.randbelow(10**6)
    sys.stdout.write(f"seed {seed}\n")
    with running_system() as system:
        result = await season_under_fire(system, seed)
        trains, passes = quotas(LOOPS)
        assert (result.funnel["enrolled"], result.funnel["certified"], result.funnel["paid"]) == (
            trains,
            passes,
            passes,
        )
        assert result.ledger_sum_fen == 0
        async with httpx.AsyncClient(base_url=system.environment.url("bank")) as bank:
            book = (await bank.get("/book")).json()
        assert book["instructions"] == passes

        assert system.process is not None
        children = running_processes(system.root / "run")
        system.process.kill()
        system.process.wait()
        await asyncio.sleep(2)
        assert [name for name, pid in children.items() if Path(f"/proc/{pid}").exists()] == []

        system.start()
        async with open_city(system.environment) as city:
            again, _ = await read_result(await drive(city, loops=2, tell=tell, seed_number=seed + 1))
        assert again.funnel["paid"] == quotas(2)[1]
        assert again.ledger_sum_fen == 0
