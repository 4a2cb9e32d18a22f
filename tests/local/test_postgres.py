"""The PostgreSQL of the local run: durable, alone on its data, and reachable for its unprivileged user."""

import asyncio
import os
from pathlib import Path

import asyncpg
import pytest

from deploy.local.databases import ensure_databases
from deploy.local.environment import Process, role_name
from deploy.local.errors import StartFailed
from deploy.local.ports import LOOPBACK, random_free
from deploy.local.postgres import PostgresServer, processes_on
from deploy.local.postgres_home import can_reach, recorded_elsewhere, unprivileged_account
from deploy.local.processes import Command, launch

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root must change the user")


async def _fetch(server: PostgresServer, statement: str) -> object:
    connection = await asyncpg.connect(server.superuser_dsn, ssl=False)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_what_was_committed_survives_a_kill_at_once(postgres: PostgresServer) -> None:
    await _fetch(postgres, "CREATE TABLE kept (number int)")
    await _fetch(postgres, "INSERT INTO kept VALUES (42)")
    postgres.kill()
    postgres.start()
    assert await _fetch(postgres, "SELECT number FROM kept") == 42
    assert await _fetch(postgres, "SHOW fsync") == "on"


async def test_backends_of_a_killed_server_are_gone_before_the_next_start(postgres: PostgresServer) -> None:
    busy = await asyncpg.connect(postgres.superuser_dsn, ssl=False)
    counting = asyncio.create_task(busy.fetchval("SELECT count(*) FROM generate_series(1, 1000000000000) AS n"))
    await asyncio.sleep(0.2)
    postgres.kill()
    left = processes_on(postgres.data)
    assert left, "a backend that computes does not notice that its server is gone"
    postgres.start()
    assert not [process for process in left if process.alive()]
    with pytest.raises(asyncpg.PostgresConnectionError):
        await counting


async def test_a_pid_file_that_names_a_stranger_stops_no_start(postgres: PostgresServer, tmp_path: Path) -> None:
    pid_file = postgres.data / "postmaster.pid"
    content = pid_file.read_text().split("\n", 1)[1]
    postgres.stop()
    stranger = launch(
        Command("stranger", ("sleep", "60"), dict(os.environ), tmp_path / "log", account=unprivileged_account())
    )
    pid_file.write_text(f"{stranger.pid}\n{content}")
    try:
        postgres.start()
        assert await _fetch(postgres, "SELECT 1") == 1
    finally:
        stranger.kill()
        stranger.wait()


def test_a_stopped_server_leaves_no_process(postgres: PostgresServer) -> None:
    postgres.stop()
    assert processes_on(postgres.data) == []
    assert not postgres.ready()


async def test_a_wrong_password_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host=LOOPBACK, port=postgres.port, user="postgres", password="wrong", database="postgres", ssl=False
        )


def test_a_taken_port_is_said_at_once(postgres: PostgresServer, open_directory: Path) -> None:
    second = PostgresServer(open_directory / "second", port=postgres.port, password="x")
    with pytest.raises(StartFailed, match="Address already in use"):
        second.start()
    second.remove()


@as_root
async def test_an_unreachable_state_directory_sends_the_data_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = PostgresServer(closed / "postgres", port=random_free(), password="x")
    server.start()
    elsewhere = recorded_elsewhere(server.directory)
    try:
        assert await _fetch(server, "SELECT 1") == 1
        assert elsewhere is not None
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        server.remove()
    assert not elsewhere.exists()


@as_root
def test_reach_is_judged_by_every_directory_above(tmp_path: Path) -> None:
    account = unprivileged_account()
    assert account is not None
    assert can_reach(account, Path("/usr"))
    closed = tmp_path / "closed"
    (closed / "open").mkdir(parents=True)
    closed.chmod(0o700)
    assert not can_reach(account, closed / "open")


async def test_each_service_has_a_database_that_the_others_cannot_enter(postgres: PostgresServer) -> None:
    services = ("voucher", "payout")
    passwords = {role_name(service, process): "pw" for service in services for process in Process}
    for _ in range(2):
        await ensure_databases(postgres.superuser_dsn, passwords, services=services)

    async def connect(role: str, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host=LOOPBACK, port=postgres.port, user=role, password="pw", database=database, ssl=False
        )

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connect("payout_api", "voucher")
    owner, api = await connect("voucher_owner", "voucher"), await connect("voucher_api", "voucher")
    try:
        await owner.execute("CREATE EXTENSION btree_gist")
        await owner.execute("CREATE TABLE t (i int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.execute("SELECT * FROM t")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.execute("CREATE TABLE mine (i int)")
    finally:
        await owner.close()
        await api.close()
