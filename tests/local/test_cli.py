"""The command line over a real run of all five services, and what it says when there is none.

The tests that need a run share one; the last of them stops it, interrupts seasons on its state, and cleans up.
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

import asyncpg
import pytest
import typer

from deploy.local.environment import SERVICES, LocalEnvironment, Process
from deploy.local.keys import Signing
from deploy.local.processes import ProcessIdentity
from deploy.local.spans import parse_span, parse_time
from deploy.local.status import running_processes
from deploy.local.system import running
from shared.kernel.ids import uuid7
from shared.security import Role, TokenVerifier, read_key_set
from tests.local.places import PROJECT, scatter_ports

UP_LIMIT_S = 600.0
COMMAND_LIMIT_S = 600.0

PARK = """
    INSERT INTO parked_events (
        consumer, aggregate_type, aggregate_id, version, event_type, topic, partition, position, envelope, code, detail
    ) VALUES (
        'payout', 'voucher.voucher', $1, 3, 'a.type', 'skill-voucher.voucher', 0, 11, '[the envelope]', 'some_code',
        '[a detail]'
    ) RETURNING id
"""

RECONCILE_EVERY_H = 0.025
"""90 seconds, in place of a day."""

pytestmark = pytest.mark.xdist_group("local-run")


def skill_voucher(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(  # noqa: S603 - our own program
        _argv(root, *arguments), cwd=PROJECT, capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
    )


def _argv(root: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "deploy.local", "--state", str(root), *arguments]


class UpRun:
    """A run that stays up, its output in a file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.output = root.with_name("run.output")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str, until: str) -> None:
        """Start, and wait until it prints these words."""
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                _argv(self.root, "run", *options), cwd=PROJECT, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + UP_LIMIT_S
        while until not in self.output.read_text():
            assert self._process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)

    def identities(self) -> list[ProcessIdentity]:
        """Every process of the run, the supervisor among them."""
        pids = running_processes(self.root / "run").values()
        found = [*map(ProcessIdentity.of, pids), running(self.root)]
        return [process for process in found if process is not None]

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
        run.start("--no-demo", f"--reconcile-every-h={RECONCILE_EVERY_H}", until="Its end")
        yield run
        if running(run.root):
            run.interrupt()
            run.wait()
        skill_voucher(run.root, "clean")


def test_the_start_says_how_long_it_took_and_how_much_memory(up: UpRun) -> None:
    printed = up.output.read_text()
    assert re.search(r"Started in \d+\.\d s from nothing", printed)
    assert re.search(r"worker processes\s+│\s+5\s+│\s+\d+", printed)
    assert f"Its state:       .venv/bin/skill-voucher --state {up.root} status" in printed
    assert "\x1b" not in printed


def test_status_shows_every_process_ready_and_nothing_waiting(up: UpRun) -> None:
    ended = skill_voucher(up.root, "status")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for service in SERVICES:
        assert f"{service}-api" in ended.stdout
        assert f"{service}-worker-0" in ended.stdout
        assert f"127.0.0.1:{up.environment().ports[f'{service}-api']}" in ended.stdout
    assert "All is well: 14 processes are ready, no events are on their way." in ended.stdout


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
    for options, reason in (
        (["--role", "officer"], "a token of the role officer needs --person and --area"),
        (["--role", "body", "--person", str(uuid7()), "--institution", "X"], "--institution a valid credit code"),
    ):
        ended = skill_voucher(up.root, "token", *options)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert reason in ended.stderr
        assert f"`.venv/bin/skill-voucher --state {up.root} seed`" in ended.stderr


def test_what_was_seeded_can_be_acted_as(up: UpRun) -> None:
    ended = skill_voucher(up.root, "seed")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    printed = [line.split(" token ")[1] for line in ended.stdout.splitlines() if " token " in line]
    assert len(printed) > len(Role)
    for line in printed[:: len(printed) // 4]:
        options = line.split()
        assert skill_voucher(up.root, "token", *options).stdout.count(".") == 2, line


def test_a_second_run_of_the_same_state_is_refused(up: UpRun) -> None:
    for arguments in (["run", "--once", "--no-demo"], ["clean"]):
        ended = skill_voucher(up.root, *arguments)
        assert ended.returncode == 1
        assert "already runs" in ended.stderr
        assert f"`.venv/bin/skill-voucher --state {up.root} stop`" in ended.stderr
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


def test_nothing_is_parked_and_that_is_said(up: UpRun) -> None:
    for service in SERVICES:
        ended = skill_voucher(up.root, "parked", "list", service)
        assert (ended.returncode, ended.stdout) == (0, f"Nothing is parked in {service}.\n")
    ended = skill_voucher(up.root, "replay")
    assert (ended.returncode, ended.stdout) == (0, "Nothing is parked.\n")


@pytest.mark.parametrize("action", ["show", "replay"])
def test_what_is_not_parked_is_said_in_plain_words(up: UpRun, action: str) -> None:
    ended = skill_voucher(up.root, "parked", action, "payout", "7")
    assert (ended.returncode, ended.stdout) == (1, "")
    sentence, hint = ended.stderr.splitlines()
    assert sentence == "No event is parked under number 7. (parked_event_not_found)"
    assert hint == f"`.venv/bin/skill-voucher --state {up.root} parked list payout` shows what is parked there."


async def test_what_is_parked_is_shown_with_its_reason(up: UpRun) -> None:
    url = up.environment().database_url("payout", Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(url)
    try:
        number = await connection.fetchval(PARK, str(uuid7()))
        listed = skill_voucher(up.root, "parked", "list", "payout").stdout
        assert listed.startswith(f"{number}  a.type, version 3 of voucher.voucher ")
        assert "some_code: [a detail]" in listed
        shown = skill_voucher(up.root, "parked", "show", "payout", str(number)).stdout
        assert shown.startswith(listed)
        assert "position 11" in shown
        assert shown.splitlines()[-1] == "[the envelope]"
        waiting = skill_voucher(up.root, "status")
        assert waiting.returncode == 1
        assert f"`.venv/bin/skill-voucher --state {up.root} parked list payout`" in waiting.stdout
        stuck = skill_voucher(up.root, "clock", "advance", "--by", "1d")
        assert stuck.returncode == 1
        assert "events are parked in payout" in stuck.stderr
        assert f"`.venv/bin/skill-voucher --state {up.root} parked list SERVICE`" in stuck.stderr
    finally:
        await connection.execute("DELETE FROM parked_events")
        await connection.close()


def test_the_log_of_all_events_is_verified_and_the_answer_explained(up: UpRun) -> None:
    ended = skill_voucher(up.root, "verify")
    assert ended.returncode == 0
    assert ended.stdout.startswith("The log holds: all ")
    noted = ended.stdout.partition("Its head is ")[2].partition(".")[0]
    assert skill_voucher(up.root, "verify", "--noted", noted).returncode == 0
    entries, _, digest = noted.partition(":")
    other = digest.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    changed = skill_voucher(up.root, "verify", "--noted", f"{entries}:{other}")
    assert changed.returncode == 3
    assert "BROKEN" in changed.stdout


def test_migrations_may_be_repeated_while_it_runs(up: UpRun) -> None:
    assert skill_voucher(up.root, "migrate", "audit").returncode == 0
    assert skill_voucher(up.root, "migrate", "nothing").returncode == 2


def test_the_services_are_compared_with_one_another_while_it_stays_up(up: UpRun) -> None:
    said = "The daily reconciliation: 0 aggregates were mended."
    deadline = time.monotonic() + COMMAND_LIMIT_S
    while said not in up.output.read_text():
        assert time.monotonic() < deadline, up.output.read_text()
        time.sleep(0.2)


def test_every_end_leaves_no_process_and_a_state_to_go_on_from(up: UpRun) -> None:
    first = up.identities()
    assert len(first) == 4 + 2 * len(SERVICES) + 1
    assert skill_voucher(up.root, "stop").returncode == 0
    assert up.wait() == 0
    assert not [process for process in first if process.alive()]
    assert skill_voucher(up.root, "status").returncode == 1

    up.start("--loops", "4", until="file and approve classes")  # a season is cut off; its classes stand in the calendar
    assert "from the state of an earlier run" in up.output.read_text()
    second = up.identities()
    up.interrupt()
    assert up.wait() == 130, up.output.read_text()
    assert "Traceback" not in up.output.read_text()
    assert not [process for process in second if process.alive()]

    ended = skill_voucher(up.root, "run", "--once", "--loops", "4")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "yuan were paid" in ended.stdout

    assert skill_voucher(up.root, "clean").returncode == 0
    assert not up.root.exists()


@pytest.mark.parametrize("moment", ["", "Kafka's archives", "PostgreSQL", "migrations: 2/5", "services: 3/10"])
def test_a_start_may_be_interrupted_at_any_moment(tmp_path: Path, open_directory: Path, moment: str) -> None:
    run = UpRun(scatter_ports(open_directory / "state"))
    run.start("--no-demo", until=moment)
    time.sleep(0.0 if moment else 0.3)  # without words it is still loading
    seen = run.identities()
    run.interrupt()
    assert run.wait() == 130, run.output.read_text()
    assert "Traceback" not in run.output.read_text()
    assert not [process for process in [*seen, *run.identities()] if process.alive()]
    assert skill_voucher(run.root, "clean").returncode == 0


@pytest.mark.parametrize("command", [["status"], ["token", "--role", "portal"], ["clock", "show"], ["demo"], ["seed"]])
def test_without_a_run_the_way_to_one_is_named(tmp_path: Path, command: list[str]) -> None:
    ended = skill_voucher(tmp_path / "state", *command)
    assert ended.returncode == 1
    assert "the system does not run" in ended.stderr
    assert f"`.venv/bin/skill-voucher --state {tmp_path / 'state'} run`" in ended.stderr


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


def _business_time(printed: str) -> datetime:
    found = re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", printed)
    assert found, printed
    return parse_time(found[0])
