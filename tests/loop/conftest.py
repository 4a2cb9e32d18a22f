"""The whole system, once for all tests of the loop and no longer, and a season driven through it."""

import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from deploy.local.demo import drive, open_client
from deploy.local.demo.client import ApiClient, Json
from deploy.local.demo.report import DemoResult, read_result
from deploy.local.demo.season import Season, Step
from tests.loop.system import RunningSystem, running_system

pytest.register_assert_rewrite("tests.loop.stories")

LOOPS = 30
SEED = 20_261_123


@dataclass(frozen=True)
class FinishedSeason:
    """A season that was driven to its end, and what came of it."""

    system: RunningSystem
    client: ApiClient
    season: Season
    result: DemoResult
    ledger: Json


@pytest.fixture(scope="package")
def shuffled_system() -> Iterator[RunningSystem]:
    """The real processes, their worker processes receiving every event twice and mixed between aggregates."""
    with running_system(shuffled=True) as system:
        yield system


@pytest.fixture(scope="package")
async def finished(shuffled_system: RunningSystem) -> AsyncIterator[FinishedSeason]:
    """A season of thirty workers, driven through the public interfaces."""
    async with open_client(shuffled_system.environment) as client:
        season = await drive(client, loops=LOOPS, progress=_show, seed_number=SEED)
        result, ledger = await read_result(season)
        yield FinishedSeason(shuffled_system, client, season, result, ledger)


def _show(step: Step) -> None:
    sys.stdout.write(f"{step.what} {step.done}/{step.of}\n")
