"""Batching: many waiting items in one transaction, each answered after its commit, none failing for another's sake."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.persistence import RequestBatcher, UnitOfWork
from shared.persistence.unit_of_work import EventTooLarge
from tests.databases import ServiceDatabase
from tests.probe import LampAction, install


class Installer:
    """Installs lamps of the colours that are asked for, and remembers how they came together."""

    def __init__(self) -> None:
        self.turns: list[list[str]] = []
        self.first_may_end = asyncio.Event()

    async def act(self, uow: UnitOfWork, colours: Sequence[str]) -> list[str]:
        """One lamp a colour; `broken` breaks the whole unit of work."""
        self.turns.append(list(colours))
        lamps = await install(uow, *colours)
        if len(self.turns) == 1:
            await self.first_may_end.wait()
        if "broken" in colours:
            raise ValueError("broken")
        by_colour = {lamp.colour: str(lamp.id) for lamp in lamps}
        return [by_colour[colour] for colour in colours]


async def waiting(batcher: RequestBatcher[str, str], colours: Sequence[str]) -> list[asyncio.Task[str]]:
    """Tasks that have all submitted their colour."""
    tasks = [asyncio.create_task(batcher.submit(colour)) for colour in colours]
    await asyncio.sleep(0.05)
    return tasks


async def stored(probe: ServiceDatabase) -> set[str]:
    """The colours that were committed."""
    async with probe.worker.engine.connect() as connection:
        return set(await connection.scalars(text("SELECT colour FROM lamps")))


async def test_what_waits_shares_the_next_unit_of_work(probe: ServiceDatabase) -> None:
    installer = Installer()
    batcher = RequestBatcher(probe.api, installer.act, most=3)
    first = await waiting(batcher, ["red"])
    rest = await waiting(batcher, ["blue", "green", "white", "black"])
    assert not first[0].done()
    installer.first_may_end.set()
    ids = await asyncio.gather(*first, *rest)
    assert installer.turns == [["red"], ["blue", "green", "white"], ["black"]]
    assert len(set(ids)) == 5
    assert await stored(probe) == {"red", "blue", "green", "white", "black"}


async def test_each_is_tried_alone_when_the_shared_one_fails(probe: ServiceDatabase) -> None:
    """Both by an exception in the act, and by what the database says."""
    installer = Installer()
    batcher = RequestBatcher(probe.api, installer.act)
    first = await waiting(batcher, ["red"])
    rest = await waiting(batcher, ["blue", "broken", "red", "green"])
    installer.first_may_end.set()
    outcomes = await asyncio.gather(*first, *rest, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[2:4]] == [ValueError, outcomes[3].__class__]
    assert isinstance(outcomes[3], DBAPIError)
    assert installer.turns[2:] == [["blue"], ["broken"], ["red"], ["green"]]
    assert await stored(probe) == {"red", "blue", "green"}


async def test_an_answer_leaves_only_after_the_commit(probe: ServiceDatabase) -> None:
    """An event that is too large fails at commit: nobody had an answer before."""

    async def overlong(uow: UnitOfWork, colours: Sequence[str]) -> list[str]:
        for lamp in await install(uow, *colours):
            uow.move(lamp, LampAction.BREAK, reason_code="old" * 100_000)
        return list(colours)

    batcher = RequestBatcher(probe.api, overlong)
    with pytest.raises(EventTooLarge):
        await batcher.submit("red")
    assert await stored(probe) == set()


async def test_who_gives_up_before_their_turn_is_left_out(probe: ServiceDatabase) -> None:
    installer = Installer()
    batcher = RequestBatcher(probe.api, installer.act)
    (first,) = await waiting(batcher, ["red"])
    patient, impatient = await waiting(batcher, ["blue", "green"])
    impatient.cancel()
    await asyncio.sleep(0)
    installer.first_may_end.set()
    await asyncio.gather(first, patient)
    assert installer.turns == [["red"], ["blue"]]


async def test_an_act_that_leaves_somebody_out_is_a_mistake(probe: ServiceDatabase) -> None:
    async def forgetful(_uow: UnitOfWork, _colours: Sequence[str]) -> list[str]:
        return []

    with pytest.raises(RuntimeError, match="answers every item"):
        await RequestBatcher(probe.api, forgetful).submit("red")
