"""The engine with its limits, and the block in which a unit of work lives."""

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from shared.kernel.actor import Actor
from shared.persistence.unit_of_work import UnitOfWork
from shared.security import Keyring
from shared.settings import Settings

LOCK_TIMEOUT_MS = 5_000
STATEMENT_TIMEOUT_MS = 20_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
ANSWER_TIMEOUT_S = 25
"""For a server that does not run any more and so cannot keep its own time limits: longer than any of those."""
CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 10


class Database:
    """One service's database, as one role.

    `pool_size` connections at the most are open at a time. Locks, statements and idle transactions are bounded by the
    server, and a server that does not answer by us, so that nothing waits for ever. `settings` are those of the
    process whose database this is: its units of work have the keys that they name. `actor` changes what is changed
    where a unit of work names nobody else.
    """

    def __init__(
        self,
        url: str,
        *,
        settings: Settings | None = None,
        pool_size: int = 8,
        application_name: str = "skill-voucher",
        actor: Actor | None = None,
    ) -> None:
        limits = {
            "application_name": application_name,
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
            "jit": "off",
        }
        self.url = url
        self.settings = settings or Settings.model_construct()
        self.keys = Keyring(self.settings)
        self.actor = actor
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=False,
            hide_parameters=True,  # an error's text goes to the log, and parameters hold personal data
            connect_args={
                "server_settings": limits,
                "timeout": CONNECT_TIMEOUT_S,
                "command_timeout": ANSWER_TIMEOUT_S,
            },
        )
        self._listeners: list[Callable[[], None]] = []

    def after_events(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after every commit that wrote events; it must neither block nor raise."""
        self._listeners.append(listener)

    def acting_as(self, actor: Actor) -> Self:
        """The same database with the same connections, for whom all that changes is changed by `actor`."""
        same = copy.copy(self)
        same.actor = actor
        return same

    def under(self, settings: Settings) -> Self:
        """The same database with the same connections, with other settings and so with the keys that those name."""
        same = copy.copy(self)
        same.settings, same.keys = settings, Keyring(settings)
        return same

    @asynccontextmanager
    async def unit_of_work(self, actor: Actor | None = None) -> AsyncIterator[UnitOfWork]:
        """A unit of work of `actor` that commits at the end of the block and rolls back on any exception."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=True) as session:
            uow = await UnitOfWork.begin(session, self.keys, actor or self.actor)
            yield uow
            wrote_events = await uow.commit()
        if wrote_events:
            for listener in self._listeners:
                listener()

    def check_keys(self, *, consumes: bool) -> None:
        """Read the keys that every process has that writes events, and `consumes` them; raises where one is missing.

        `SettingsInvalid` or `KeyUnusable` at the start is better than at the first event.
        """
        _ = self.keys.event_signer
        if consumes:
            _ = self.keys.events

    def pool(self) -> tuple[int, Callable[[], int]]:
        """How many connections may be open at a time, and what says how many are at work."""
        pool = self.engine.sync_engine.pool
        if not isinstance(pool, QueuePool):
            raise TypeError("a process keeps its connections in a queue")
        return pool.size(), pool.checkedout

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
