"""The supervisor: the dead rise, nothing outlives it, and what a crash left is cleared."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from deploy.local.errors import AlreadyRunning, StartFailed
from deploy.local.postgres import PostgresServer, processes_on
from deploy.local.processes import Command, ProcessIdentity, launch, wait_until_gone
from deploy.local.records import Record, Records
from deploy.local.supervisor import Child, ChildEvent, Happening, Supervisor

SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
PARENT = (
    f"import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', '{SLEEP}']).pid, flush=True); {SLEEP}"
)
PROJECT = Path(__file__).resolve().parents[2]


def _child(tmp_path: Path, name: str, code: str = SLEEP, **options: float) -> Child:
    return Child(
        Command(name, (sys.executable, "-c", code), dict(os.environ), tmp_path / f"{name}.log", **options)  # type: ignore[arg-type]  # seconds all
    )


async def _until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_killed_child_is_started_again_and_all_stop_in_reverse_order(tmp_path: Path) -> None:
    events: list[ChildEvent] = []
    supervisor = Supervisor(tmp_path / "run", notify=events.append)
    identities: list[ProcessIdentity | None] = []

    async def work() -> None:
        await supervisor.start(_child(tmp_path, "first"))
        await supervisor.start(_child(tmp_path, "second"))
        first = supervisor.pid("first")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await _until(lambda: supervisor.pid("first") not in (None, first))
        assert supervisor.restarts("first") == 1
        assert supervisor.restarts("second") == 0
        identities.extend(ProcessIdentity.of(supervisor.pid(name) or 0) for name in ("first", "second"))

    assert await supervisor.run(work)
    assert [event.name for event in events if event.happening is Happening.STOPPED] == ["second", "first"]
    assert [event.name for event in events if event.happening is Happening.DIED] == ["first"]
    assert all(identity is not None and not identity.alive() for identity in identities)
    assert list((tmp_path / "run").glob("*.json")) == []


async def test_a_signal_ends_the_work_and_a_stubborn_child(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "run")
    identity: ProcessIdentity | None = None

    async def work() -> None:
        nonlocal identity
        await supervisor.start(_child(tmp_path, "stubborn", STUBBORN, stop_seconds=0.3))
        identity = ProcessIdentity.of(supervisor.pid("stubborn") or 0)
        await asyncio.sleep(0.2)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(600)

    assert not await supervisor.run(work)
    assert identity is not None
    assert not identity.alive()


async def test_grandchildren_go_with_a_dead_child(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "run")

    async def work() -> None:
        await supervisor.start(_child(tmp_path, "parent", PARENT))
        log = tmp_path / "parent.log"
        await _until(lambda: log.read_text().endswith("\n"))
        grandchild = ProcessIdentity.of(int(log.read_text()))
        assert grandchild is not None
        os.kill(supervisor.pid("parent") or 0, signal.SIGKILL)
        await _until(lambda: not grandchild.alive())

    assert await supervisor.run(work)


async def test_a_child_that_never_gets_ready_fails_the_start_with_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "run")
    broken = _child(tmp_path, "broken", "print('no such thing'); raise SystemExit(3)")
    slow = Child(_child(tmp_path, "slow").command, ready=lambda: False, ready_timeout_seconds=0.1)

    with pytest.raises(StartFailed, match=r"(?s)broken ended with status 3.*no such thing"):
        await supervisor.run(lambda: supervisor.start(Child(broken.command, ready=lambda: False)))
    with pytest.raises(StartFailed, match="slow was not ready within"):
        await Supervisor(tmp_path / "run").run(lambda: supervisor.start(slow))
    await supervisor.stop_all()


async def test_a_hook_that_raises_is_tried_again(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "run")
    calls: list[int] = []

    def hook() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("not yet")

    async def work() -> None:
        await supervisor.start(Child(_child(tmp_path, "late").command, before_start=hook))
        assert supervisor.pid("late") is not None

    assert await supervisor.run(work)
    assert len(calls) == 2


async def test_one_state_directory_has_one_supervisor(tmp_path: Path) -> None:
    async def work() -> None:
        with pytest.raises(AlreadyRunning):
            await Supervisor(tmp_path / "run").run(lambda: asyncio.sleep(0))

    assert await Supervisor(tmp_path / "run").run(work)


def test_a_supervisor_killed_at_once_leaves_nothing(tmp_path: Path, postgres: PostgresServer) -> None:
    postgres.stop()
    script = textwrap.dedent(f"""
        import asyncio, os, sys
        from pathlib import Path
        from deploy.local.postgres import PostgresServer
        from deploy.local.processes import Command
        from deploy.local.supervisor import Child, Supervisor

        room = Path({str(tmp_path)!r})
        server = PostgresServer(Path({str(postgres.directory)!r}), port={postgres.port}, password="s3cret/@:?")
        supervisor = Supervisor(room / "run")

        async def work():
            await asyncio.to_thread(server.prepare)
            await supervisor.start(Child(server.command(), server.ready, before_start=server.prepare))
            sleeper = Command("sleeper", (sys.executable, "-c", {SLEEP!r}), dict(os.environ), room / "sleeper.log")
            await supervisor.start(Child(sleeper))
            print(supervisor.pid("postgres"), supervisor.pid("sleeper"), flush=True)
            await asyncio.sleep(600)

        asyncio.run(supervisor.run(work))
    """)
    program = [sys.executable, "-c", script]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        children = [identity for pid in pids if (identity := ProcessIdentity.of(pid))]
        backends = processes_on(postgres.data)
        assert len(children) == 2
        assert len(backends) > 3
        process.kill()
    assert wait_until_gone([*children, *backends], 5)


async def test_a_killed_postgres_comes_back_under_the_supervisor(tmp_path: Path, postgres: PostgresServer) -> None:
    postgres.stop()
    supervisor = Supervisor(tmp_path / "run")

    async def works() -> bool:
        with contextlib.suppress(OSError, asyncpg.PostgresError):
            connection = await asyncpg.connect(postgres.superuser_dsn, ssl=False, timeout=2)
            await connection.close()
            return True
        return False

    async def work() -> None:
        await supervisor.start(Child(postgres.command(), postgres.ready, before_start=postgres.prepare))
        connection = await asyncpg.connect(postgres.superuser_dsn, ssl=False)
        os.kill(supervisor.pid("postgres") or 0, signal.SIGKILL)
        await _until(lambda: supervisor.restarts("postgres") == 1)
        async with asyncio.timeout(10):
            while not await works():
                await asyncio.sleep(0.05)
        connection.terminate()

    assert await supervisor.run(work)
    assert processes_on(postgres.data) == []


async def test_leftovers_of_a_crash_are_ended_and_strangers_spared(tmp_path: Path) -> None:
    left, stranger = (launch(_child(tmp_path, name).command) for name in ("left", "stranger"))
    identity, other = ProcessIdentity.of(left.pid), ProcessIdentity.of(stranger.pid)
    assert identity is not None
    assert other is not None
    recycled = ProcessIdentity(other.pid, other.started_ticks - 1, other.boot_id)
    with Records(tmp_path / "run") as records:
        records.write(Record("left", identity, signal.SIGTERM))
        records.write(Record("stranger", recycled, signal.SIGTERM))
        (tmp_path / "run" / "broken.json").write_text("{")
    events: list[ChildEvent] = []
    await Supervisor(tmp_path / "run", notify=events.append).run(lambda: asyncio.sleep(0))
    try:
        assert [event.name for event in events if event.happening is Happening.CLEARED] == ["left"]
        assert not identity.alive()
        assert other.alive()
    finally:
        stranger.kill()
        stranger.wait()
        left.wait()
