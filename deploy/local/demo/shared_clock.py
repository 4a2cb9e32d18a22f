"""One business clock for several stories at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from deploy.local.demo.client import Clock

_AT_ONCE, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class SharedClock:
    """The business clock of several stories at once: it goes on to the earliest moment that one of them waits for.

    It goes on only when every story waits, so that none of them misses the moment of its next step.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stories = 0
        self._waiting: list[tuple[datetime, asyncio.Future[None]]] = []
        self._moves: asyncio.Task[datetime] | None = None

    @contextlib.asynccontextmanager
    async def story(self) -> AsyncIterator[Clock]:
        """Time as one story sees it; while the story lasts, nobody's time goes on without it."""
        self._stories += 1
        try:
            yield self
        finally:
            self._stories -= 1
            self._go_on_if_all_wait()

    async def now(self) -> datetime:
        """Business time, UTC."""
        return await self._clock.now()

    async def advance(self, to: datetime) -> None:
        """Wait until business time has come to `to`, and all that is due by then has happened."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((to, waiting))
        self._go_on_if_all_wait()
        try:
            await waiting
        finally:  # a story that is cancelled waits no more
            self._waiting = [entry for entry in self._waiting if entry[1] is not waiting]

    async def wait_until_quiet(self) -> None:
        """Wait until every story waits and all that they have begun has happened."""
        await self.advance(_AT_ONCE)

    def _go_on_if_all_wait(self) -> None:
        if self._waiting and len(self._waiting) >= self._stories:
            self._moves = asyncio.create_task(self._go_on())
            self._moves.add_done_callback(self._release)

    async def _go_on(self) -> datetime:
        """Come to the earliest moment that is waited for, or stay; answers when it is."""
        first, now = min(to for to, _ in self._waiting), await self._clock.now()
        if first > now:
            await self._clock.advance(first)
        await self._clock.wait_until_quiet()
        return max(first, now)

    def _release(self, moves: asyncio.Task[datetime]) -> None:
        """Those whose moment has come go on; all of them, with what went wrong, if time cannot go on."""
        if moves.cancelled():  # the whole run is stopped
            return
        error = moves.exception()
        now = _NEVER if error else moves.result()
        due = [waiting for to, waiting in self._waiting if to <= now and not waiting.done()]
        self._waiting = [(to, waiting) for to, waiting in self._waiting if to > now]
        for waiting in due:
            if error:
                waiting.set_exception(error)
            else:
                waiting.set_result(None)
