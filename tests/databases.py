"""Real databases for tests: a server for each test process, a template for each service, a clone for each test."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

import asyncpg
from sqlalchemy import text

from deploy.local.postgres import SUPERUSER, PostgresServer
from shared.kernel.actor import Actor, ActorKind
from shared.persistence import Database, migrations
from shared.settings import Settings
from tests.clock import begin
from tests.keys import all_keys, service_settings
from tests.registered import register_all

TESTER = Actor(ActorKind.COMMAND, "test")
"""Who acts in a test that calls a command without a caller."""

SERVICES = ("voucher", "training", "evaluation", "payout", "audit")

Build = Callable[[str], Awaitable[None]]
"""Builds a template, given its owner's URL."""


def own_service(service: str) -> str:
    """What a migration of the service says first: whose events its outbox carries."""
    return f"CREATE FUNCTION own_service() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '{service}' $$"


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """A service's database of one test, seen as each of its roles."""

    service: str
    name: str
    api: Database
    worker: Database
    owner: Database
    dsn: str
    """For asyncpg, as the superuser."""

    async def move_business_time(self, ahead: timedelta) -> None:
        """Let business time run ahead of the machine's by so much."""
        statement = text('UPDATE business_clock SET "offset" = :ahead, moved_at = clock_timestamp()')
        async with self.owner.engine.begin() as connection:
            await connection.execute(statement, {"ahead": ahead})

    async def set_business_time(self, to: datetime) -> None:
        """Move business time, as the local profile's clock command does."""
        statement = text('UPDATE business_clock SET "offset" = :to - clock_timestamp(), moved_at = clock_timestamp()')
        async with self.owner.engine.begin() as connection:
            await connection.execute(statement, {"to": to})


class Databases:
    """The databases of one test process on its own PostgreSQL server."""

    def __init__(self, server: PostgresServer, password: str) -> None:
        self._server = server
        self._password = password
        self._templates: set[str] = set()
        self._builds: dict[str, Build] = {}
        self._lock = asyncio.Lock()

    def add_service(self, service: str, build: Build) -> None:
        """Add a service whose template is built by `build`, besides the five that migrations build."""
        self._builds[service] = build

    @asynccontextmanager
    async def clone(self, service: str, settings: Settings | None = None) -> AsyncIterator[ServiceDatabase]:
        """A fresh database of `service` for processes with these settings, or its usual ones; dropped at the end."""
        await self._template(service)
        settings = settings or service_settings(all_keys(), service)
        name = f"{service}_{secrets.token_hex(6)}"
        await self._as_superuser(f"CREATE DATABASE {name} TEMPLATE {service}_template OWNER {service}_owner")
        urls = {role: self._url(f"{service}_{role}", name) for role in ("api", "worker", "owner")}
        database = ServiceDatabase(
            service,
            name,
            api=Database(urls["api"], settings=settings, pool_size=8, actor=TESTER),
            worker=Database(urls["worker"], settings=settings, pool_size=8, actor=TESTER),
            owner=Database(urls["owner"], settings=settings, pool_size=2, actor=TESTER),
            dsn=self._dsn(name),
        )
        if ahead := begin():
            await database.move_business_time(ahead)
        try:
            yield database
        finally:
            for role in (database.api, database.worker, database.owner):
                await role.close()
            await self._as_superuser(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def empty(self, service: str) -> AsyncIterator[str]:
        """A database without tables; the owner's URL."""
        await self._roles(service)
        name = f"{service}_{secrets.token_hex(6)}"
        await self._as_superuser(f"CREATE DATABASE {name} OWNER {service}_owner")
        await self._own_public(service, name)
        try:
            yield self._url(f"{service}_owner", name)
        finally:
            await self._as_superuser(f"DROP DATABASE {name} WITH (FORCE)")

    async def _template(self, service: str) -> None:
        async with self._lock:
            if service in self._templates:
                return
            await self._roles(service)
            name = f"{service}_template"
            await self._as_superuser(f"CREATE DATABASE {name} OWNER {service}_owner")
            await self._own_public(service, name)
            url = self._url(f"{service}_owner", name)
            if service in self._builds:
                await self._builds[service](url)
            else:
                await migrations.upgrade(service, url)
                await self._register_people(service, name)
            await migrations.make_clock_movable(url)
            self._templates.add(service)

    async def _register_people(self, service: str, name: str) -> None:
        connection = await asyncpg.connect(self._dsn(name))
        try:
            await register_all(connection, service)
        finally:
            await connection.close()

    async def _own_public(self, service: str, name: str) -> None:
        statements = (
            f"ALTER SCHEMA public OWNER TO {service}_owner",
            f"GRANT USAGE ON SCHEMA public TO {service}_api, {service}_worker",
        )
        for statement in statements:
            await self._as_superuser(statement, database=name)

    async def _roles(self, service: str) -> None:
        for role in ("owner", "api", "worker"):
            await self._as_superuser(
                f"""DO $$ BEGIN
                    CREATE ROLE {service}_{role} LOGIN PASSWORD '{self._password}';
                EXCEPTION WHEN duplicate_object THEN NULL; END $$"""
            )

    def _url(self, role: str, database: str) -> str:
        return f"postgresql+asyncpg://{role}:{quote(self._password, safe='')}@127.0.0.1:{self._server.port}/{database}"

    def _dsn(self, database: str) -> str:
        """For asyncpg, as the superuser."""
        return self._url(SUPERUSER, database).replace("postgresql+asyncpg", "postgresql")

    async def _as_superuser(self, statement: str, *, database: str = "postgres") -> None:
        connection = await asyncpg.connect(self._dsn(database))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
