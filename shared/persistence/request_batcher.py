"""Batching: what waits for a transaction shares the next one.

One set-based statement for many waiting requests costs little more than for one, and a row that all of them lock is
locked once. `python -m tests.bench.claims` measures what it brings.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

MOST_TOGETHER = 100


class RequestBatcher(Generic[Item, Outcome]):
    """Acts on everything that waits, one unit of work after the other.

    The first item starts at once, and those that arrive while it is under way share the next unit of work: nothing
    waits when nothing else is going on. `act` answers item by item; an answer leaves only after the commit. If a shared
    unit of work fails, each of its items is tried alone, so that nobody fails for another's sake.
    """

    def __init__(
        self,
        database: Database,
        act: Callable[[UnitOfWork, Sequence[Item]], Awaitable[list[Outcome]]],
        *,
        most: int = MOST_TOGETHER,
    ) -> None:
        self._database = database
        self._act = act
        self._most = most
        self._waiting: deque[tuple[Item, asyncio.Future[Outcome]]] = deque()
        self._runner: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Outcome:
        """The outcome of `item`, committed; raises what its unit of work failed with.

        A caller who gives up before their turn is left out; later their item is done all the same, as a request is
        whose answer is lost.
        """
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, outcome))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await outcome

    async def _run(self) -> None:
        try:
            while self._waiting:
                turn = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                await self._take([waiting for waiting in turn if not waiting[1].cancelled()])
        finally:
            self._runner = None
            while self._waiting:
                self._waiting.popleft()[1].cancel()

    async def _take(self, turn: Sequence[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._together([item for item, _ in turn]) if turn else []
        except Exception as error:  # noqa: BLE001  # whatever it was, its caller receives it, or the item is tried alone
            if len(turn) > 1:
                for waiting in turn:
                    await self._take([waiting])
            elif not turn[0][1].done():
                turn[0][1].set_exception(error)
        except BaseException:
            for _, outcome in turn:
                outcome.cancel()
            raise
        else:
            for (_, outcome), value in zip(turn, outcomes, strict=True):
                if not outcome.done():
                    outcome.set_result(value)

    async def _together(self, items: Sequence[Item]) -> list[Outcome]:
        async with self._database.unit_of_work() as uow:
            outcomes = await self._act(uow, items)
            if len(outcomes) != len(items):
                raise RuntimeError("a batched act answers every item")
        return outcomes
