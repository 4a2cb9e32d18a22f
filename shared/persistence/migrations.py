"""Runs a service's migrations: one alembic environment each, this one runner."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from alembic import command, context, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.persistence.models import metadata_of

SERVICES = Path(__file__).resolve().parents[2] / "services"
LOCK_TIMEOUT = "5s"
"""A migration that cannot have its lock gives up rather than stand in everybody's way."""

SHOW_EDITION = text(
    "SELECT format('GRANT SELECT ON alembic_version TO %I, %I', cast(:api AS text), cast(:worker AS text))"
)
"""The statement by which a service's processes may see of which edition the tables are."""

DROP_ALL = """
    DO $$
    DECLARE statement text;
    BEGIN
        FOR statement IN
            SELECT format('DROP %s IF EXISTS %I CASCADE', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                c.relname)
            FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
                AND c.relname <> 'alembic_version'
            ORDER BY c.relkind DESC
        LOOP EXECUTE statement; END LOOP;
        FOR statement IN
            SELECT format('DROP FUNCTION %s CASCADE', p.oid::regprocedure) FROM pg_proc p
            WHERE p.pronamespace = 'public'::regnamespace
                AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        LOOP EXECUTE statement; END LOOP;
    END $$
"""


def run(service: str) -> None:
    """Called by a service's `migrations/env.py`: run what the command at hand asks for, in one transaction."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata_of(service), compare_type=True)
    with context.begin_transaction():
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


def run_sql(folder: Path, *names: str) -> None:
    """For a migration: run its SQL files, named without their ending, in this order, each as a whole."""
    for name in names:
        statements = (folder / f"{name}.sql").read_text(encoding="utf-8")
        _driver().run_async(lambda connection, text=statements: connection.execute(text))


def load_csv(folder: Path, *tables: str) -> None:
    """For a migration: load each table from the CSV file of its name; the first line names the columns."""
    for table in tables:
        file = folder / f"{table}.csv"
        columns = file.read_text(encoding="utf-8").split("\n", 1)[0].strip().split(",")
        _driver().run_async(
            lambda connection, table=table, file=file, columns=columns: connection.copy_to_table(
                table, source=file, columns=columns, format="csv", header=True
            )
        )


def drop_all() -> None:
    """For the first edition of a schema: drop everything, the table of revisions excepted."""
    op.execute(DROP_ALL)


def _driver() -> Any:
    """The driver's own connection inside alembic's transaction: only it runs many statements at once, and COPY."""
    return op.get_bind().connection.dbapi_connection


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

    def migrate(connection: Connection) -> None:
        command.upgrade(_config(service, connection), revision)
        roles = {"api": f"{service}_api", "worker": f"{service}_worker"}
        connection.execute(text(connection.execute(SHOW_EDITION, roles).scalar_one()))

    await _with_connection(url, migrate)


class Edition(NamedTuple):
    """The newest migration of a database's tables, and the newest that this code has; None before the first."""

    stored: str | None
    needed: str | None
    fits: bool
    """Whether the code may run on these tables: they are as new as it needs, or newer, for migrations only add."""


async def edition(service: str, url: str) -> Edition:
    """How a database's tables stand to this code, as any role of the service sees it."""
    scripts = ScriptDirectory.from_config(_config(service))
    stored: list[str | None] = []

    def read(connection: Connection) -> None:
        stored.append(MigrationContext.configure(connection).get_current_revision())

    await _with_connection(url, read)
    needed, (found,) = scripts.get_current_head(), stored
    own = {script.revision for script in scripts.walk_revisions()}
    return Edition(found, needed, fits=found == needed or (found is not None and found not in own))


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
