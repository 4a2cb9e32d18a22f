"""The whole system, once for all tests of the loop, and a season driven through it."""

import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from deploy.local.demo import drive, open_city
from deploy.local.demo.city import City, Json
from deploy.local.demo.report import DemoResult, read_result
from deploy.local.demo.season import Season
from tests.loop.system import RunningSystem, running_system

LOOPS = 30
SEED = 20_261_123


@dataclass(frozen=True)
class Lived:
    """A season that was lived through, and what came of it."""

    system: RunningSystem
    city: City
    season: Season
    result: DemoResult
    ledger: Json


@pytest.fixture(scope="session")
def shuffled_system() -> Iterator[RunningSystem]:
    """The real processes, their workers hearing every event twice and mixed between aggregates."""
    with running_system(shuffled=True) as system:
        yield system


@pytest.fixture(scope="session")
async def lived(shuffled_system: RunningSystem) -> AsyncIterator[Lived]:
    """A season of thirty workers, driven through the public interfaces."""
    async with open_city(shuffled_system.environment) as city:
        season = await drive(city, loops=LOOPS, tell=_tell, seed_number=SEED)
        result, ledger = await read_result(season)
        yield Lived(shuffled_system, city, season, result, ledger)


def _tell(what: str, done: int, of: int) -> None:
    sys.stdout.write(f"{what} {done}/{of}\n")
