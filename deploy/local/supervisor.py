"""Keeps child processes running: restarts the dead, stops all in reverse order, leaves nothing behind.

Three nets, one under the other: a signal to the supervisor stops the children in order; if the supervisor itself is
killed, the kernel signals every child (see ``launcher``); and what may still be left, the next supervisor of the same
directory ends by the records of this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from deploy.local.errors import StartFailed
from deploy.local.processes import Command, ProcessIdentity, launch, log_tail, signal_group
from deploy.local.records import Record, Records

_log = logging.getLogger(__name__)

_FIRST_DELAY_SECONDS = 0.2
_LONGEST_DELAY_SECONDS = 10.0
_STEADY_SECONDS = 30.0
_TRIES_BEFORE_READY = 3
_POLL_SECONDS = 0.05
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Child:
    """A process to keep running.

    ``before_start`` runs (in a thread) before every start and restart; it makes the ground clean, as for PostgreSQL,
    whose old backends must go first. ``ready`` is asked (in a thread) until it is true; a child that is not ready after
    ``ready_timeout_seconds`` is ended and counts as dead. Without ``ready`` a child that runs is ready.
    """

    command: Command
    ready: Callable[[], bool] | None = None
    ready_timeout_seconds: float = 60.0
    before_start: Callable[[], None] | None = None

    @property
    def name(self) -> str:
        """The command's name, unique under one supervisor."""
        return self.command.name


class Happening(StrEnum):
    """What can happen to a child."""

    STARTED = "started"
    READY = "ready"
    DIED = "died"
    STOPPED = "stopped"
    CLEARED = "cleared"
    INTERRUPTED = "interrupted"
    """Not to one child but to all: a signal ends the work."""


@dataclass(frozen=True)
class ChildEvent:
    """Something that happened to a child; ``detail`` is for people."""

    name: str
    happening: Happening
    detail: str = ""


@dataclass
class _Kept:
    """One child under supervision.

    ``process`` is set while it runs, ``first`` resolves when it is ready once, ``starts`` counts the attempts, and
    ``verdict`` says why we ended it ourselves, if we did.
    """

    child: Child
    first: asyncio.Future[None]
    process: subprocess.Popen[bytes] | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    keeper: asyncio.Task[None] | None = None
    starts: int = 0
    verdict: str | None = None


class Supervisor:
    """Runs children from one state directory; use it through ``run``, from the main thread."""

    def __init__(self, directory: Path, *, notify: Callable[[ChildEvent], None] | None = None) -> None:
        """``directory`` holds the records (``.local/run``); ``notify`` is called with what happens to them."""
        self._records = Records(directory)
        self._notify = notify or (lambda event: None)
        self._stages: list[list[_Kept]] = []
        self._hurry = asyncio.Event()

    async def run(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Clear leftovers, do ``work`` (which starts children), then stop all; True unless a signal ended the work.

        SIGINT, SIGTERM or SIGHUP cancel the work; a second one kills what has not stopped yet. Raises AlreadyRunning
        if another supervisor has the directory, and whatever the work raises.
        """
        with self._records:
            for name in await asyncio.to_thread(self._records.clear_leftovers):
                self._notify(ChildEvent(name, Happening.CLEARED, "left by an earlier run"))
            task = asyncio.ensure_future(work())
            loop = asyncio.get_running_loop()
            interrupted = False

            def interrupt() -> None:
                nonlocal interrupted
                if interrupted or task.done():
                    self._hurry.set()
                else:
                    interrupted = True
                    self._notify(ChildEvent("", Happening.INTERRUPTED))
                task.cancel()

            heeded = [number for number in _STOP_SIGNALS if not _hung_up_for_good(number)]
            for number in heeded:
                loop.add_signal_handler(number, interrupt)
            try:
                await task
            except asyncio.CancelledError:
                if not interrupted:
                    raise
            finally:
                await self.stop_all()
                for number in heeded:
                    loop.remove_signal_handler(number)
            return not interrupted

    async def start(self, *children: Child) -> None:
        """Start children side by side and wait until all are ready; from then on they are kept running.

        Children started together are stopped together. Raises StartFailed if one ends three times before it is ready,
        or is not ready in its time; the others of the call go on until ``stop_all``.
        """
        loop = asyncio.get_running_loop()
        stage = [_Kept(child, loop.create_future()) for child in children]
        self._stages.append(stage)
        for kept in stage:
            kept.keeper = asyncio.create_task(self._keep(kept), name=f"keep {kept.child.name}")
        await asyncio.gather(*(kept.first for kept in stage))

    async def stop_all(self) -> None:
        """Stop every child, the last started first, each within its time; returns when none is left."""
        while self._stages:
            outcomes = await asyncio.gather(*map(self._stop, self._stages.pop()), return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    _log.error("a child was not kept to its end", exc_info=outcome)

    def pid(self, name: str) -> int | None:
        """The process id of a child; None while it does not run."""
        kept = self._find(name)
        return kept.process.pid if kept and kept.process else None

    def restarts(self, name: str) -> int:
        """How often a child was started again."""
        kept = self._find(name)
        return max(0, kept.starts - 1) if kept else 0

    def _find(self, name: str) -> _Kept | None:
        return next((kept for stage in self._stages for kept in stage if kept.child.name == name), None)

    async def _keep(self, kept: _Kept) -> None:
        delay_seconds = _FIRST_DELAY_SECONDS
        while not kept.stopping.is_set():
            started = time.monotonic()
            reason = await self._live_once(kept)
            if kept.stopping.is_set():
                break
            if not kept.first.done() and kept.starts >= _TRIES_BEFORE_READY:
                kept.first.set_exception(
                    StartFailed(f"{kept.child.name} {reason}\n{log_tail(kept.child.command.log_file)}")
                )
                return
            if time.monotonic() - started > _STEADY_SECONDS:
                delay_seconds = _FIRST_DELAY_SECONDS
            self._notify(ChildEvent(kept.child.name, Happening.DIED, f"{reason}; again in {delay_seconds:.1f} s"))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(kept.stopping.wait(), delay_seconds)
            delay_seconds = min(delay_seconds * 2, _LONGEST_DELAY_SECONDS)

    async def _live_once(self, kept: _Kept) -> str:
        """One life of a child, from its preparation to its end; returns how it ended, in words."""
        child = kept.child
        kept.starts += 1
        kept.verdict = None
        try:
            if child.before_start is not None:
                await asyncio.to_thread(child.before_start)
            if kept.stopping.is_set():
                return "stopped"
            process = launch(child.command)
        except Exception as error:  # noqa: BLE001 - whatever the hook raises, the child is tried again
            return f"could not be started: {error}"
        kept.process = process
        identity = ProcessIdentity.of(process.pid)
        if identity is not None:
            self._records.write(Record(child.name, identity, int(child.command.stop_signal)))
        self._notify(ChildEvent(child.name, Happening.STARTED, f"process {process.pid}"))
        ended = asyncio.create_task(_until_ended(process))
        readiness = asyncio.create_task(self._until_ready(kept, process))
        try:
            how = await ended
            return kept.verdict or how
        finally:
            readiness.cancel()
            kept.process = None
            self._records.forget(child.name)

    async def _until_ready(self, kept: _Kept, process: subprocess.Popen[bytes]) -> None:
        child = kept.child
        try:
            async with asyncio.timeout(child.ready_timeout_seconds):
                while child.ready is not None and not await asyncio.to_thread(child.ready):  # noqa: ASYNC110 - nobody would notify it
                    await asyncio.sleep(_POLL_SECONDS)
        except Exception as error:  # noqa: BLE001 - a probe that raises says as little good as one that never agrees
            late = isinstance(error, TimeoutError)
            kept.verdict = f"was not ready within {child.ready_timeout_seconds:.0f} s" if late else f"failed: {error!r}"
            signal_group(process.pid, signal.SIGKILL)
            return
        self._notify(ChildEvent(child.name, Happening.READY))
        if not kept.first.done():
            kept.first.set_result(None)

    async def _stop(self, kept: _Kept) -> None:
        kept.stopping.set()
        kept.first.cancel()
        if kept.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(kept.process.pid, kept.child.command.stop_signal)
        if kept.keeper is None:
            return
        hurry = asyncio.create_task(self._hurry.wait())
        await asyncio.wait(
            {kept.keeper, hurry}, timeout=kept.child.command.stop_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        hurry.cancel()
        if kept.process is not None:
            signal_group(kept.process.pid, signal.SIGKILL)
        await kept.keeper
        self._notify(ChildEvent(kept.child.name, Happening.STOPPED))


def _hung_up_for_good(number: signal.Signals) -> bool:
    """Whether ``nohup`` wants us to go on without a terminal."""
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN


async def _until_ended(process: subprocess.Popen[bytes]) -> str:
    """Wait for the end of a child and of whatever shares its process group; returns how it ended, in words.

    The group is killed while the dead child is not yet collected, so that its id cannot belong to anybody else.
    """
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    watch = os.pidfd_open(process.pid)
    loop.add_reader(watch, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(watch)
        os.close(watch)
    signal_group(process.pid, signal.SIGKILL)
    status = process.wait()
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
