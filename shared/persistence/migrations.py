"""Runs a service's migrations: one alembic environment each, this one runner."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.persistence import plumbing

SERVICES = Path(__file__).resolve().parents[2] / "services"
LOCK_TIMEOUT = "5s"
"""A migration that cannot have its lock gives up rather than stand in everybody's way."""


def run(*metadata: MetaData) -> None:
    """Called by a service's `migrations/env.py`: run what the command at hand asks for, in one transaction."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=[plumbing.metadata, *metadata], compare_type=True)
    with context.begin_transaction():
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


def _config(service: str, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SERVICES / service / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def _with_connection(url: str, do: Callable[[Connection], None]) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(do)
    finally:
        await engine.dispose()


async def upgrade(service: str, url: str, revision: str = "head") -> None:
    """Bring a database up to `revision`; `url` is the owner's."""
    await _with_connection(url, lambda connection: command.upgrade(_config(service, connection), revision))


async def downgrade(service: str, url: str, revision: str = "base") -> None:
    """Take a database back to `revision`."""
    await _with_connection(url, lambda connection: command.downgrade(_config(service, connection), revision))


async def check(service: str, url: str) -> None:
    """Raise if the models say something else than the migrations made."""
    await _with_connection(url, lambda connection: command.check(_config(service, connection)))


async def make_clock_movable(url: str) -> None:
    """Let business time be moved in this database: the local and test profiles only."""

    def allow(connection: Connection) -> None:
        connection.execute(text("UPDATE business_clock SET movable = true"))

    await _with_connection(url, allow)


def upgrade_now(service: str, url: str) -> None:
    """`upgrade` for a command line."""
    asyncio.run(upgrade(service, url))
