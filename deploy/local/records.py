"""What a supervisor writes down about its children, so that the next one can clear what a crash left behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.errors import AlreadyRunning, LocalRunError
from deploy.local.files import private_directory, write_json
from deploy.local.processes import ProcessIdentity, signal_group, wait_until_gone

_GENTLE_SECONDS = 2.0
_KILL_SECONDS = 10.0


@dataclass(frozen=True)
class Record:
    """A child that was started: its name, who it is, and the signal that makes it end at once and orderly."""

    name: str
    process: ProcessIdentity
    stop_signal: int


class Records:
    """The directory of records, one file a child, of one supervisor at a time."""

    def __init__(self, directory: Path) -> None:
        """Describe the directory; it is made when it is entered."""
        self._directory = directory
        self._lock: int | None = None

    def __enter__(self) -> Self:
        """Take the directory; AlreadyRunning if another supervisor has it."""
        private_directory(self._directory)
        lock = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise AlreadyRunning(f"the system already runs from {self._directory.parent}") from None
        self._lock = lock
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the directory back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write(self, record: Record) -> None:
        """Write a child down, whole or not at all."""
        write_json(self._path(record.name), asdict(record))

    def forget(self, name: str) -> None:
        """Remove a child's record; no error if there is none."""
        self._path(name).unlink(missing_ok=True)

    def clear_leftovers(self) -> list[str]:
        """End every recorded process that still runs, and forget all records; returns the names of those ended.

        Raises LocalRunError if one may not be signalled or does not end.
        """
        alive = [record for record in self._read() if record.process.alive()]
        try:
            _end(alive)
        except PermissionError:
            raise LocalRunError(f"another user's processes still run: {[record.name for record in alive]}") from None
        for path in self._directory.glob("*.json"):
            path.unlink()
        return [record.name for record in alive]

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.json"

    def _read(self) -> list[Record]:
        records: list[Record] = []
        for path in sorted(self._directory.glob("*.json")):
            try:
                content = json.loads(path.read_text())
                records.append(Record(content["name"], ProcessIdentity(**content["process"]), content["stop_signal"]))
            except (ValueError, KeyError, TypeError):
                path.unlink()
        return records


def _end(records: list[Record]) -> None:
    processes = [record.process for record in records]
    for record in records:
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.process.pid, record.stop_signal)
    if wait_until_gone(processes, _GENTLE_SECONDS):
        return
    for process in processes:
        if process.alive():
            signal_group(process.pid, signal.SIGKILL)
    if not wait_until_gone(processes, _KILL_SECONDS):
        raise LocalRunError(f"processes of an earlier run do not end: {[record.name for record in records]}")
