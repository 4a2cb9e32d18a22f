"""The pieces of the whole run: what is started together ends together, what is shown is true."""

import asyncio
import io
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.environment import PREFIX, LocalEnvironment
from deploy.local.errors import LocalRunError, StartFailed
from deploy.local.memory import memory_bytes
from deploy.local.processes import ENVIRONMENT, ProcessIdentity
from deploy.local.stages import Stages
from deploy.local.status import processes, running_processes
from deploy.local.supervisor import ChildEvent, Happening
from deploy.local.system import LocalSystem, in_thread, running, together
from tests.local.places import PROJECT, scatter_ports

MIB = 1024 * 1024

pytestmark = pytest.mark.xdist_group("local-run")


def _stages(written: io.StringIO | None = None, *, terminal: bool = False) -> Stages:
    return Stages(Console(file=written or io.StringIO(), force_terminal=terminal, width=100))


async def test_what_is_done_together_fails_together_with_the_first_failure() -> None:
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            ended.append("long")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise StartFailed("no")

    with pytest.raises(StartFailed, match="no"):
        await together(long(), fails())
    assert ended == ["long"]


async def test_work_in_a_thread_is_waited_for_even_when_it_is_no_longer_wanted() -> None:
    began, ended = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        time.sleep(0.2)
        ended.set()

    async def fails() -> None:
        await asyncio.to_thread(began.wait)
        raise StartFailed("no")

    with pytest.raises(StartFailed, match="no"):
        await together(in_thread(work), fails())
    assert ended.is_set()


def test_stages_are_lines_where_nobody_watches_and_bars_on_a_terminal() -> None:
    written = io.StringIO()
    with _stages(written) as stages, stages.stage("archives") as advance:
        for done in range(1, 9):
            advance(done, 8)
    assert [line.split(":")[0] for line in written.getvalue().splitlines()] == ["archives"] * 4
    assert "archives: 6/8" in written.getvalue()
    assert "\x1b" not in written.getvalue()
    assert set(stages.seconds) == {"archives"}

    seen = io.StringIO()
    with _stages(seen, terminal=True) as stages, stages.stage("archives") as advance:
        advance(8, 8)
    assert "8/8" in seen.getvalue()


def test_memory_counts_a_process_with_its_children() -> None:
    hungry = "import subprocess, sys; kept = b'x' * (64 * 2**20); print(len(kept), flush=True); {then}"
    child = hungry.format(then="sys.stdin.read()")
    parent = hungry.format(then=f"subprocess.run([sys.executable, '-c', {child!r}])")
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # ours
    assert process.stdin is not None
    assert process.stdout is not None
    for _ in range(2):
        process.stdout.readline()
    taken = memory_bytes({"family": process.pid, "gone": 2**22})
    process.stdin.close()
    process.wait(30)
    process.stdout.close()
    assert 128 * MIB < taken["family"] < 200 * MIB
    assert taken["gone"] == 0


@pytest.fixture
def root(open_directory: Path) -> Path:
    return scatter_ports(open_directory / "state", workers=2)


def open_to_others(root: Path) -> dict[str, int]:
    """What another user of the machine may open, list or pass through, with its mode; not the server's programs."""
    modes = {
        path: stat.S_IMODE(path.lstat().st_mode)
        for path in (root, *root.rglob("*"))
        if not any(part.startswith("server-") for part in path.relative_to(root).parts)
    }
    return {str(path.relative_to(root)): mode for path, mode in modes.items() if mode & 0o077}


async def test_one_service_starts_is_seen_from_outside_and_ends(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODYS_TOKEN", "s3cret")
    events: list[ChildEvent] = []
    system = LocalSystem(PROJECT, root, stages=_stages(), services=["audit"], workers=2, notify=events.append)
    seen: list[ProcessIdentity | None] = []

    async def work() -> None:
        await system.start()
        assert running(root) == ProcessIdentity.of(os.getpid())
        names = ["audit-api", "audit-worker-0", "audit-worker-1", "bank", "issuer", "kafka", "postgres"]
        assert list(running_processes(root / "run")) == names
        for process in await processes(LocalEnvironment.attach(PROJECT, root)):
            assert process.ready, process.name
            assert process.memory_bytes > 5 * MIB, process.name
        pids = running_processes(root / "run")
        seen.extend(map(ProcessIdentity.of, pids.values()))
        for name, pid in pids.items():
            given = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
            found = {variable.partition("=")[0] for variable in given if variable}
            assert {own for own in found if not own.startswith(PREFIX)} <= set(ENVIRONMENT), name

    assert await system.run(work)
    assert len(seen) == 7
    assert all(process is not None and not process.alive() for process in seen)
    assert running_processes(root / "run") == {}
    assert not [event for event in events if event.happening is Happening.DIED]
    passed_through = dict.fromkeys((".", "postgres"), 0o711) if os.geteuid() == 0 else {}
    assert open_to_others(root) == passed_through, "as root, the user of the database server passes through"


async def test_a_service_that_cannot_start_is_named_with_its_log(root: Path) -> None:
    system = LocalSystem(PROJECT, root, stages=_stages(), services=["audit"], profile="no-such-profile")
    with pytest.raises(StartFailed, match=r"(?s)(audit-migrate|issuer) ended with status.*SKILL_VOUCHER_PROFILE"):
        await system.run(system.start)


def test_outside_of_a_run_nothing_is_known(tmp_path: Path) -> None:
    system = LocalSystem(PROJECT, tmp_path, stages=_stages())
    with pytest.raises(LocalRunError, match="does not run"):
        _ = system.environment
    assert running(tmp_path) is None
    (tmp_path / "supervisor.json").write_text('{"pid": 1, "started_ticks": 0, "boot_id": "another"}')
    assert running(tmp_path) is None
