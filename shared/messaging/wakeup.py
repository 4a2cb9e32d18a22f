"""Waking the relay: at most one NOTIFY in two milliseconds a process, outside every transaction.

A NOTIFY inside each transaction serialises the commits of the whole cluster. The relay polls as well, so a wake-up that
is lost costs a fifth of a second and nothing else.
"""

import asyncio
import contextlib

import asyncpg
from sqlalchemy.engine import make_url

from shared.observability import logger

CHANNEL = "outbox"
GATHER_S = 0.002
LIMIT_S = 2.0

log = logger("wakeup")


def driver_dsn(url: str) -> str:
    """An SQLAlchemy URL as asyncpg wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class OutboxWaker:
    """Sends the NOTIFY of this process on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._dsn = driver_dsn(url)
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Ask for a wake-up; returns at once and never raises."""
        self._wanted.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """End the sending."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        connection: asyncpg.Connection | None = None
        try:
            connection = await asyncpg.connect(self._dsn, timeout=LIMIT_S)
            while True:
                await self._wanted.wait()
                await asyncio.sleep(GATHER_S)
                self._wanted.clear()
                await connection.execute(f"NOTIFY {CHANNEL}", timeout=LIMIT_S)
        except (
            OSError,
            TimeoutError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        ) as error:
            log.warning("relay_not_woken", error=type(error).__name__)
            await asyncio.sleep(1.0)
        finally:
            if connection is not None:
                connection.terminate()
