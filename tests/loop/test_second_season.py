"""A second season runs whatever the first left behind; one in which nobody is paid fails.

After the tests of the one whole season, whose system this goes on with.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.demo import cast_for, drive, open_client
from deploy.local.demo.cast import Casting
from deploy.local.demo.client import Actor, ApiClient, DemoFailed, Json, Refused
from deploy.local.demo.report import DemoResult, check, read_result
from deploy.local.demo.season import Step
from deploy.local.environment import LocalEnvironment, Process
from tests.loop.conftest import FinishedSeason

pytestmark = pytest.mark.xdist_group("loop")

LOOPS = 3
MOMENTS = (0.15, 0.35, 0.5, 0.7, 0.9)
"""When seasons are cut off, as parts of all the requests that a season makes."""

seeds = count(4_104_000)


class CutOff(Exception):
    """The season is over before its end."""


@dataclass
class CutOffClient(ApiClient):
    """A client that is cut off after so many requests."""

    left: int = 0

    async def _call(self, actor: Actor | None, service: str, method: str, path: str, **more: Any) -> Json | Refused:
        if not self.left:
            raise CutOff
        self.left -= 1
        return await super()._call(actor, service, method, path, **more)


def _ignore(_: Step) -> None:
    pass


async def _whole_season(client: ApiClient, seed: int, loops: int = LOOPS) -> DemoResult:
    result, _ = await read_result(await drive(client, loops=loops, progress=_ignore, seed_number=seed))
    return result


async def _cut_off(environment: LocalEnvironment, requests: int) -> None:
    async with open_client(environment) as whole:
        client = CutOffClient(whole.clients, whole.mint, whole.clock, left=requests)
        cut_off = False
        try:
            await drive(client, loops=LOOPS, progress=_ignore, seed_number=next(seeds))
        except* CutOff:
            cut_off = True
    assert cut_off, "the season came to its end"


async def _leave_clocks_apart(environment: LocalEnvironment) -> None:
    """What a move of business time leaves that is interrupted after the first of the five databases."""
    url = environment.database_url("voucher", Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(url)
    await connection.execute('UPDATE business_clock SET "offset" = "offset" + $1', timedelta(days=2))
    await connection.close()


async def test_a_season_in_which_nobody_is_paid_fails(finished: FinishedSeason) -> None:
    seed = next(seeds)
    casting: Casting = await cast_for(finished.client, seed)
    payee = next(casting.listings()).credit_code  # the institution of the only class
    bank = httpx.AsyncClient(base_url=finished.system.environment.url("bank"))
    async with bank:
        before = (await bank.post("/faults", json={})).json()["failing_suffix"]
        (await bank.post("/faults", json={"failing_suffix": payee[8:16]})).raise_for_status()
        result = await _whole_season(finished.client, seed, loops=1)
        (await bank.post("/faults", json={"failing_suffix": before})).raise_for_status()
    assert (result.funnel["certified"], result.funnel["paid"]) == (1, 0)
    with pytest.raises(DemoFailed, match="nobody was paid; 1 workers should have been"):
        check(result)


async def test_a_season_runs_whatever_others_left_behind(finished: FinishedSeason) -> None:
    environment = finished.system.environment
    async with open_client(environment) as client:
        check(await _whole_season(client, next(seeds)))
        requests = client.requests
    for moment in MOMENTS:
        await _cut_off(environment, round(requests * moment))
    await _leave_clocks_apart(environment)
    check(await _whole_season(finished.client, next(seeds)))
