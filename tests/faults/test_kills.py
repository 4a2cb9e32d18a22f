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

from deploy.local.demo import drive, open_client
from deploy.local.demo.report import DemoResult, read_result
from deploy.local.demo.season import Step, quotas
from deploy.local.demo.staff import AUDITOR
from deploy.local.status import running_processes
from tests.loop.system import RunningSystem, running_system

pytestmark = pytest.mark.xdist_group("loop")

LOOPS = 8
RETURN_LIMIT_S = 60.0


def show_step(step: Step) -> None:
    """Progress, for the log of a failed test."""
    sys.stdout.write(f"{step.what} {step.done}/{step.of}\n")


async def kill_each(root: Path, rng: random.Random) -> None:
    """Kill every child of the supervisor once, in a random order, the next when the last is back."""
    names = sorted(running_processes(root / "run"))
    rng.shuffle(names)
    for name in names:
        pid = await pid_of(root, name)
        sys.stdout.write(f"kill {name}\n")
        os.kill(pid, signal.SIGKILL)
        await pid_of(root, name, other_than=pid)
        await asyncio.sleep(rng.uniform(0.5, 3.0))


async def pid_of(root: Path, name: str, other_than: int | None = None) -> int:
    """The id of a process that runs: it may just be coming back, from us or from the death of what it leans on."""
    async with asyncio.timeout(RETURN_LIMIT_S):
        while (pid := running_processes(root / "run").get(name)) in {None, other_than}:
            await asyncio.sleep(0.2)
    assert pid is not None
    return pid


async def season_under_fire(system: RunningSystem, seed: int) -> DemoResult:
    """A season during which every child of the supervisor is killed."""
    async with open_client(system.environment) as client:
        async with asyncio.TaskGroup() as group:
            group.create_task(kill_each(system.root, random.Random(seed)))
            driving = group.create_task(drive(client, loops=LOOPS, progress=show_step, seed_number=seed))
        season = driving.result()
        result, _ = await read_result(season)
        verdict = await client.post(AUDITOR, "audit", "/v1/log-verifications")
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
        async with asyncio.timeout(RETURN_LIMIT_S):
            while any(Path(f"/proc/{pid}").exists() for pid in children.values()):
                await asyncio.sleep(0.2)

        system.start()
        async with open_client(system.environment) as client:
            again, _ = await read_result(await drive(client, loops=2, progress=show_step, seed_number=seed + 1))
        assert again.funnel["paid"] == quotas(2)[1]
        assert again.ledger_sum_fen == 0
