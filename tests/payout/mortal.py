"""A process of which a child is killed at its n-th step: before a statement, or on either side of a call of the bank.

    python -m tests.payout.mortal

It reads what it works on as one line of JSON ({"act", "url", "settings", "bank"}), then numbers. For each it forks a
child that acts and is killed (SIGKILL) at that step, and writes "killed", or "done" where the child came to its end.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from sqlalchemy import event
from sqlalchemy.engine import Engine

from services.payout.bank.service import Bank
from services.payout.bank_reports import service as bank_reports
from services.payout.instructions.timers import deliver
from shared.kernel.actor import Actor, ActorKind
from shared.persistence import Database
from shared.settings import Settings

ROWS_AT_ONCE = 2


class Countdown:
    """Steps that are left until the process is killed."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def step(self, *_statement: object) -> None:
        """Take one."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalBank(Bank):
    """The client of the bank, whose process may die before a call and after it."""

    def __init__(self, client: httpx.AsyncClient, countdown: Countdown) -> None:
        super().__init__(client)
        self._countdown = countdown

    async def _request(self, method: str, path: str, content: dict[str, object] | None = None) -> httpx.Response | None:
        self._countdown.step()
        response = await super()._request(method, path, content)
        self._countdown.step()
        return response


async def send(database: Database, countdown: Countdown, bank_url: str) -> None:
    """The sender's turn."""
    async with httpx.AsyncClient(base_url=bank_url, timeout=5.0, trust_env=False) as client:
        await deliver(database, MortalBank(client, countdown), turn_s=0.0)


async def apply_reports(database: Database, _countdown: Countdown, _bank_url: str) -> None:
    """The importer's turns, until it finds nothing; few rows at a time, so that there are several."""
    bank_reports.ROWS_AT_ONCE = ROWS_AT_ONCE
    moved = 1
    while moved:
        async with database.unit_of_work() as uow:
            moved = await bank_reports.apply_bank_reports(uow, 1_000)


ACTS: dict[str, Callable[[Database, Countdown, str], Awaitable[None]]] = {"send": send, "apply": apply_reports}


async def act(given: dict[str, Any], steps: int) -> None:
    """Act until the end, or death."""
    countdown = Countdown(steps)
    event.listen(Engine, "before_cursor_execute", countdown.step)
    database = Database(given["url"], settings=Settings(**given["settings"]), pool_size=2)
    await ACTS[given["act"]](database.acting_as(Actor(ActorKind.TIMER, given["act"])), countdown, given["bank"])
    await database.close()


def main() -> None:
    """Fork a child for each number."""
    given = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(act(given, int(line)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write("killed\n" if killed else "done\n" if status == 0 else "failed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
