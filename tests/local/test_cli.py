"""The command line over a real run of all five services, and what it says when there is none.

The tests that need a run share one; the last of them stops it, starts it again from its state, and cleans up.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer

from deploy.local.cli import parse_span, parse_time
from deploy.local.environment import SERVICES, LocalEnvironment
from deploy.local.keys import Signing
from deploy.local.processes import ProcessIdentity
from deploy.local.status import running_processes
from deploy.local.system import running
from shared.kernel.ids import uuid7
from shared.security import Role, TokenVerifier, read_key_set
from tests.local.places import PROJECT, scatter_ports

UP_LIMIT_S = 180.0
COMMAND_LIMIT_S = 180.0

pytestmark = pytest.mark.xdist_group("local-run")


def skill_voucher(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(  # noqa: S603 - our own program
        _argv(root, *arguments), cwd=PROJECT, capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
    )


def _argv(root: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "deploy.local.cli", "--state", str(root), *arguments]


class UpRun:
    """A run that stays up, its output in a file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.output = root.with_name("run.output")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it says that it is up."""
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                _argv(self.root, "run", "--no-demo"), cwd=PROJECT, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + UP_LIMIT_S
        while "Its end" not in self.output.read_text():
            assert self._process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)

    def identities(self) -> list[ProcessIdentity]:
        """Every process of the run, the supervisor among them."""
        pids = running_processes(self.root / "run").values()
        found = [*map(ProcessIdentity.of, pids), running(self.root)]
        return [one for one in found if one is not None]

    def wait(self) -> int:
        """The exit status of the run."""
        assert self._process is not None
        return self._process.wait(COMMAND_LIMIT_S)

    def interrupt(self) -> None:
        """Ctrl-C."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)

    def environment(self) -> LocalEnvironment:
        """The settings of its processes."""
        return LocalEnvironment.attach(PROJECT, self.root)


@pytest.fixture(scope="module")
def up() -> Iterator[UpRun]:
    with tempfile.TemporaryDirectory(prefix="skill-voucher-test-") as name:
        Path(name).chmod(0o711)
        run = UpRun(scatter_ports(Path(name) / "state"))
        run.start()
        yield run
        if running(run.root):
            run.interrupt()
            run.wait()
        skill_voucher(run.root, "clean")


def test_the_start_says_how_long_it_took_and_how_much_memory(up: UpRun) -> None:
    said = up.output.read_text()
    assert re.search(r"Started in \d+\.\d s from nothing", said)
    assert re.search(r"workers\s+│\s+5\s+│\s+\d+", said)
    assert "\x1b" not in said


def test_status_shows_every_process_ready_and_nothing_waiting(up: UpRun) -> None:
    ended = skill_voucher(up.root, "status")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for service in SERVICES:
        assert f"{service}-api" in ended.stdout
        assert f"{service}-worker-0" in ended.stdout


def test_a_token_is_one_that_the_services_accept(up: UpRun) -> None:
    person = str(uuid7())
    ended = skill_voucher(
        up.root, "token", "--role", "officer", "--person", person, "--area", "410402", "--area", "410403"
    )
    environment = up.environment()
    verifier = TokenVerifier(read_key_set(environment.keys.public(Signing.TOKENS)), environment.issuer_url)
    principal = verifier.principal_of(ended.stdout.strip())
    assert (principal.role, str(principal.person_id)) == (Role.OFFICER, person)
    assert principal.areas == {"410402", "410403"}


def test_a_token_that_no_service_accepts_is_refused_with_the_reason(up: UpRun) -> None:
    ended = skill_voucher(up.root, "token", "--role", "worker")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "--person" in ended.stderr


def test_a_second_run_of_the_same_state_is_refused(up: UpRun) -> None:
    for arguments in (["run", "--once", "--no-demo"], ["clean"]):
        ended = skill_voucher(up.root, *arguments)
        assert ended.returncode == 1
        assert "already runs" in ended.stderr
        assert "skill-voucher stop" in ended.stderr
    assert skill_voucher(up.root, "status").returncode == 0


def test_business_time_moves_forward_only(up: UpRun) -> None:
    before = _business_time(skill_voucher(up.root, "clock", "show").stdout)
    moved = skill_voucher(up.root, "clock", "advance", "--by", "2d3h")
    assert moved.returncode == 0, moved.stderr
    assert timedelta(days=2, hours=3) <= _business_time(moved.stdout) - before < timedelta(days=2, hours=3, minutes=3)
    back = skill_voucher(up.root, "clock", "advance", "--to", "2020-01-01T00:00")
    assert back.returncode == 1
    assert "is past" in back.stderr
    assert skill_voucher(up.root, "clock", "advance").returncode == 2


def test_nothing_is_parked_and_a_wrong_number_is_refused(up: UpRun) -> None:
    assert skill_voucher(up.root, "parked", "list", "voucher").returncode == 0
    assert skill_voucher(up.root, "replay").returncode == 0
    for action in ("show", "replay"):
        ended = skill_voucher(up.root, "parked", action, "payout", "7")
        assert ended.returncode != 0
        assert "parked_event_not_found" in ended.stderr


def test_the_log_of_all_events_is_verified(up: UpRun) -> None:
    ended = skill_voucher(up.root, "verify")
    assert ended.returncode == 0
    assert ended.stdout.startswith("verified ")


def test_migrations_may_be_repeated_while_it_runs(up: UpRun) -> None:
    assert skill_voucher(up.root, "migrate", "audit").returncode == 0
    assert skill_voucher(up.root, "migrate", "nothing").returncode == 2


def test_stopping_leaves_no_process_and_the_next_run_goes_on(up: UpRun) -> None:
    before = _business_time(skill_voucher(up.root, "clock", "show").stdout)
    first = up.identities()
    assert len(first) == 4 + 2 * len(SERVICES) + 1
    assert skill_voucher(up.root, "stop").returncode == 0
    assert up.wait() == 0
    assert not [one for one in first if one.alive()]
    assert skill_voucher(up.root, "status").returncode == 1

    up.start()
    assert "from the state of an earlier run" in up.output.read_text()
    assert _business_time(skill_voucher(up.root, "clock", "show").stdout) >= before
    second = up.identities()
    up.interrupt()
    assert up.wait() == 0
    assert not [one for one in second if one.alive()]

    assert skill_voucher(up.root, "clean").returncode == 0
    assert not up.root.exists()


@pytest.mark.parametrize("command", [["status"], ["token", "--role", "portal"], ["clock", "show"], ["demo"], ["seed"]])
def test_without_a_run_the_way_to_one_is_told(tmp_path: Path, command: list[str]) -> None:
    ended = skill_voucher(tmp_path / "state", *command)
    assert ended.returncode == 1
    assert "skill-voucher run" in ended.stderr


def test_stopping_and_cleaning_nothing_is_no_error(tmp_path: Path) -> None:
    for command in ("stop", "clean"):
        assert skill_voucher(tmp_path / "state", command).returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_of_another_user_is_named_with_a_hint(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    ended = skill_voucher(closed / "state", "run", "--once", "--no-demo")
    assert ended.returncode == 1
    assert "--state" in ended.stderr


def test_spans_and_times_are_read_as_people_write_them() -> None:
    assert parse_span("1d6h30m") == timedelta(days=1, hours=6, minutes=30)
    assert parse_span("90m") == timedelta(minutes=90)
    assert parse_time("2027-03-01T08:00") == datetime(2027, 3, 1, tzinfo=UTC)
    assert parse_time("2027-03-01T08:00+00:00") == datetime(2027, 3, 1, 8, tzinfo=UTC)
    for wrong in ("", "5", "d", "-1d", "0h", "1h1d", "1.5d"):
        with pytest.raises(typer.BadParameter):
            parse_span(wrong)
    for wrong in ("", "tomorrow", "2027-13-01"):
        with pytest.raises(typer.BadParameter):
            parse_time(wrong)


def _business_time(said: str) -> datetime:
    found = re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", said)
    assert found, said
    return parse_time(found[0])
