"""One database a service, with its three roles; what they may do to tables is the migrations' matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from deploy.local.environment import SERVICES, Process, role_name


async def ensure_databases(
    superuser_dsn: str, passwords: Mapping[str, str], *, services: Sequence[str] = SERVICES
) -> None:
    """Create the services' roles and databases that are missing, and set passwords and grants; safe to repeat.

    ``passwords`` has one for each role ``<service>_owner``, ``<service>_api``, ``<service>_worker``. The owner owns
    database and schema; the two others may connect, and nobody else may. Raises KeyError if a password is missing.
    """
    server = await asyncpg.connect(superuser_dsn, ssl=False)
    try:
        for service in services:
            for process in Process:
                role = role_name(service, process)
                await _ensure_role(server, role, passwords[role])
            await _ensure_database(server, service)
    finally:
        await server.close()
    for service in services:
        database = await asyncpg.connect(superuser_dsn, database=service, ssl=False)
        try:
            await database.execute(f'ALTER SCHEMA public OWNER TO "{role_name(service, Process.MIGRATE)}"')
            await database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        finally:
            await database.close()


async def _ensure_role(server: asyncpg.Connection, role: str, password: str) -> None:
    exists = await server.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role)
    verb = "ALTER" if exists else "CREATE"
    statement = await server.fetchval(
        f"SELECT format('{verb} ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)", role, password
    )
    await server.execute(statement)


async def _ensure_database(server: asyncpg.Connection, service: str) -> None:
    owner = role_name(service, Process.MIGRATE)
    if not await server.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", service):
        await server.execute(f'CREATE DATABASE "{service}" OWNER "{owner}"')
    await server.execute(f'REVOKE ALL ON DATABASE "{service}" FROM PUBLIC')
    users = ", ".join(f'"{role_name(service, process)}"' for process in (Process.API, Process.WORKER))
    await server.execute(f'GRANT CONNECT ON DATABASE "{service}" TO {users}')
