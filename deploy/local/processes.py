"""Processes of the local run: what to start, who is who after a crash, and one process without a supervisor.

A process is known by its id, its start time and the machine's boot, never by its id alone: ids are used again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.errors import LocalRunError, StartFailed
from deploy.local.files import open_log

ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"}
"""What a child's environment begins with: nothing is inherited, for nobody knows what a calling shell holds."""

_LAUNCHER = Path(__file__).with_name("launcher.py")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LOG_TAIL_BYTES = 3000
_POLL_SECONDS = 0.02
_SECONDS_AFTER_KILL = 5.0


@dataclass(frozen=True)
class Account:
    """A user of the machine that a process runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Command:
    """A program to run: its arguments, whole environment, log and manner of dying.

    ``stop_signal`` asks it to end, and after ``stop_seconds`` it is killed with its process group; ``death_signal`` is
    what the kernel sends when the process that started it dies.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    log_file: Path
    cwd: Path = Path("/")
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    death_signal: signal.Signals = signal.SIGKILL


@dataclass(frozen=True)
class ProcessIdentity:
    """One process, for ever: ``started_ticks`` is its start in clock ticks since the boot named by ``boot_id``."""

    pid: int
    started_ticks: int
    boot_id: str

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity | None:
        """Identify the running process ``pid``; None if there is none, or only its zombie."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        fields = stat[stat.rindex(")") + 2 :].split()
        if fields[0] in "ZX":
            return None
        return cls(pid, int(fields[19]), boot_id())

    def alive(self) -> bool:
        """Whether exactly this process still runs."""
        return ProcessIdentity.of(self.pid) == self


def boot_id() -> str:
    """The random id that the kernel drew at boot."""
    return _BOOT_ID.read_text().strip()


def launch(command: Command) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own, its output appended to its log; it dies with the calling *thread*.

    Call it from a thread that lives as long as the process should (the kernel sends the parent-death signal when the
    thread that forked ends). Raises LocalRunError where there is no Linux, OSError if nothing can be started.
    """
    if sys.platform != "linux":
        raise LocalRunError("the local run needs Linux: it relies on /proc and PR_SET_PDEATHSIG")
    account = command.account
    identity = (str(account.uid), str(account.gid)) if account else ("-1", "-1")
    with open_log(command.log_file) as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), str(int(command.death_signal)),
             *identity, *command.argv],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            cwd=command.cwd, env=dict(command.environment), start_new_session=True,
        )  # fmt: skip


def run_to_end(command: Command, *, timeout_seconds: float) -> None:
    """Run ``command`` to its end; StartFailed, with the end of its log, unless it succeeds within the time."""
    process = launch(command)
    try:
        status = process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        raise StartFailed(f"{command.name} did not end within {timeout_seconds:.0f} s") from None
    finally:
        signal_group(process.pid, signal.SIGKILL)
        process.wait(_SECONDS_AFTER_KILL)
    if status != 0:
        raise StartFailed(f"{command.name} ended with status {status}\n{log_tail(command.log_file)}")


def signal_group(leader: int, number: signal.Signals) -> None:
    """Send a signal to a process group; no error if it is gone."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return


def wait_until_gone(identities: Iterable[ProcessIdentity], seconds: float) -> bool:
    """Wait until none of these processes runs; False if one still does after ``seconds``."""
    deadline = time.monotonic() + seconds
    waiting = [identity for identity in identities if identity.alive()]
    while waiting and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        waiting = [identity for identity in waiting if identity.alive()]
    return not waiting


def log_tail(log_file: Path) -> str:
    """The last lines of a log, for an error message."""
    try:
        with log_file.open("rb") as log:
            log.seek(max(0, log_file.stat().st_size - _LOG_TAIL_BYTES))
            return f"--- {log_file}\n{log.read().decode(errors='replace').strip()}"
    except OSError:
        return f"--- {log_file} cannot be read"


@dataclass
class Daemon:
    """One process kept without a supervisor, as tests want it."""

    command: Command
    ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self, timeout_seconds: float) -> None:
        """Start and wait until ready; StartFailed (and nothing left running) if that does not come in time."""
        process = self.process = launch(self.command)
        deadline = time.monotonic() + timeout_seconds
        while not self.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                what = f"ended with status {process.returncode}" if process.returncode is not None else "is not ready"
                self.kill()
                raise StartFailed(f"{self.command.name} {what}\n{log_tail(self.command.log_file)}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ask the process to end, kill it after its time; no error if it does not run."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.command.stop_signal)
            try:
                self.process.wait(self.command.stop_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def kill(self) -> None:
        """End the process with its group at once (SIGKILL)."""
        if self.process is not None and self.process.poll() is None:
            signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait(_SECONDS_AFTER_KILL)
