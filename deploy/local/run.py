"""One run as a person sees it: the start, the demonstration, then staying up until it is stopped."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.__main__ import EXIT_INTERRUPTED
from deploy.local.environment import SERVICES, LocalEnvironment
from deploy.local.errors import LocalRunError
from deploy.local.memory import memory_bytes
from deploy.local.messages import PROJECT, explain, program
from deploy.local.stages import Stages
from deploy.local.status import running_processes
from deploy.local.supervisor import ChildEvent, Happening
from deploy.local.system import LocalSystem

EXIT_DONE = 0
EXIT_FAILED = 1

_BYTES_A_MIB = 1024 * 1024
_SECONDS_AN_HOUR = 3_600


@dataclass(frozen=True)
class RunOptions:
    """What a run is asked for.

    ``loops`` workers go through the demonstration (None: there is none); then it ends (``once``) or stays up.
    ``workers`` is the number of worker processes of each service; every ``reconcile_every_h`` hours while it stays up
    the services are compared with one another.
    """

    loops: int | None
    once: bool
    workers: int
    reconcile_every_h: float


class Run:
    """A run from start to end; ``execute`` is to be called once, in the main thread."""

    def __init__(self, project: Path, root: Path, options: RunOptions, console: Console) -> None:
        self._options = options
        self._console = console
        self._first = not (root / "postgres").exists()
        self._stages = Stages(console)
        self._system = LocalSystem(project, root, stages=self._stages, workers=options.workers, notify=self._on_event)
        self._down: set[str] = set()
        self._failed = False
        self._staying = False

    def execute(self) -> int:
        """Run, and return the exit status; raises LocalRunError if the system cannot be started."""
        ended = asyncio.run(self._system.run(self._work))
        self._console.print("Stopped; every process has ended.")
        if self._failed:
            return EXIT_FAILED
        return EXIT_DONE if ended or self._staying else EXIT_INTERRUPTED

    async def _work(self) -> None:
        began = time.monotonic()
        with self._stages:
            await self._system.start()
        self._show_start(time.monotonic() - began)
        if self._options.loops is not None:
            self._failed = not await demonstrate(self._system.environment, self._options.loops, self._console)
        if not self._options.once:
            show_addresses(self._system.environment, self._console)
            self._staying = True
            while True:
                await asyncio.sleep(self._options.reconcile_every_h * _SECONDS_AN_HOUR)
                await self._reconcile()
        self._console.print("Stopping …")

    async def _reconcile(self) -> None:
        """Find what a service never received and mend it (ADR 24), by a process of its own, which ends with the run."""
        command = (sys.executable, "-m", "deploy.local", "--state", str(self._system.environment.root), "reconcile")
        process = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        style = "red" if process.returncode else None
        self._console.print(f"The daily reconciliation: {said.decode().strip()}", style=style, highlight=False)

    def _on_event(self, event: ChildEvent) -> None:
        """Say what a person should know: leftovers of a crash, deaths, and returns from death."""
        if event.happening is Happening.DIED:
            self._down.add(event.name)
            self._console.print(f"{event.name} {event.detail}", style="yellow", markup=False)
        elif event.happening is Happening.READY and event.name in self._down:
            self._down.remove(event.name)
            self._console.print(f"{event.name} is back", style="green", markup=False)
        elif event.happening is Happening.INTERRUPTED:
            self._console.print("Stopping … (another Ctrl-C kills what has not stopped yet)")
        elif event.happening is Happening.CLEARED:
            self._console.print(f"{event.name}: {event.detail}, ended", markup=False)

    def _show_start(self, seconds: float) -> None:
        state = "from nothing" if self._first else "from the state of an earlier run"
        self._console.print(f"Started in {seconds:.1f} s {state}.", highlight=False)
        show_memory(self._system.environment, self._console)


async def demonstrate(environment: LocalEnvironment, loops: int, console: Console) -> bool:
    """Run the demonstration against a system that is up; False, and the reason shown, if it failed."""
    from deploy.local.demo import run_demo  # only this needs it

    try:
        await run_demo(environment, loops=loops, console=console)
    except LocalRunError as failure:
        explain(console, failure, environment.root, before="The demonstration failed: ")
        return False
    except Exception:  # noqa: BLE001 - whatever it was, it is shown, and the system stays up to be looked at
        console.print("The demonstration failed:", style="red")
        console.print_exception(max_frames=8)
        return False
    return True


def show_addresses(environment: LocalEnvironment, console: Console) -> None:
    """Say where everything is and how to get in."""
    console.print("The system is up.")
    table = Table("what", "where")
    for service in SERVICES:
        table.add_row(service, f"{environment.url(f'{service}-api')}/openapi.json")
    table.add_row("token issuer", f"{environment.issuer_url}/token")
    table.add_row("sandbox bank", f"{environment.url('bank')}/book")
    for server, name in (("Kafka", "kafka"), ("PostgreSQL", "postgres")):
        passwords = f"passwords in {environment.root.name}/passwords.json"
        table.add_row(server, f"127.0.0.1:{environment.ports[name]}, {passwords}")
    table.add_row("logs", str(environment.log_file("*")))
    console.print(table)
    run = program(environment.root)
    console.print(f"Its state:       {run} status", highlight=False, soft_wrap=True)
    console.print(f"A token:         {run} token --role auditor --area 410400", highlight=False, soft_wrap=True)
    console.print(f"Another season:  {run} demo --loops 20", highlight=False, soft_wrap=True)
    console.print(f"Its end:         Ctrl-C here, or {run} stop", highlight=False, soft_wrap=True)


def show_memory(environment: LocalEnvironment, console: Console) -> None:
    """Say how much memory the processes take, by kind."""
    table = Table("processes", "number", "MiB")
    for column in table.columns[1:]:
        column.justify = "right"
    taken = memory_bytes(running_processes(environment.run_directory))
    kinds: dict[str, list[int]] = {}
    for name, size in taken.items():
        kind = "APIs" if name.endswith("-api") else "worker processes" if "-worker-" in name else name
        kinds.setdefault(kind, []).append(size)
    for kind, sizes in kinds.items():
        table.add_row(kind, str(len(sizes)), f"{sum(sizes) / _BYTES_A_MIB:.0f}")
    table.add_section()
    table.add_row("all", str(len(taken)), f"{sum(taken.values()) / _BYTES_A_MIB:.0f}")
    console.print(table)
