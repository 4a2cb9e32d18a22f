"""The whole system for tests: the real processes under the real supervisor, in a directory of their own.

python -m tests.loop.system DIRECTORY [--shuffled]
"""

import asyncio
import contextlib
import dataclasses
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from deploy.local.clock import BusinessClock
from deploy.local.environment import LocalEnvironment
from deploy.local.postgres_home import remove_home
from deploy.local.processes import Command
from deploy.local.stages import Stages
from deploy.local.system import LocalSystem
from tests.clock import START
from tests.local.places import scatter_ports

PROJECT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 120.0
STOP_LIMIT_S = 60.0
READY = "ready"


class ShuffledSystem(LocalSystem):
    """The system with worker processes that receive everything twice and mixed."""

    def worker_command(self, service: str, ordinal: int) -> Command:
        """The shuffled worker in the real one's place and environment."""
        command = super().worker_command(service, ordinal)
        argv = (sys.executable, "-m", "tests.loop.shuffled_worker", service)
        return dataclasses.replace(command, argv=argv)


def main(root: Path, *, shuffled: bool) -> None:
    """Start everything, say so by a file, stay up until stopped."""
    kind = ShuffledSystem if shuffled else LocalSystem
    system = kind(PROJECT, root, stages=Stages(Console()), profile="test")

    async def work() -> None:
        (root / READY).unlink(missing_ok=True)
        await system.start()
        if START is not None:
            async with BusinessClock.attach(system.environment) as clock:
                await clock.advance(START)
        (root / READY).touch()
        await asyncio.Event().wait()

    asyncio.run(system.run(work))


@dataclasses.dataclass
class RunningSystem:
    """A system under test: its directory, and the supervisor's process."""

    root: Path
    shuffled: bool
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> LocalEnvironment:
        """The settings of its processes."""
        return LocalEnvironment.attach(PROJECT, self.root, profile="test")

    def start(self) -> None:
        """Start it and wait until all of it is ready."""
        (self.root / READY).unlink(missing_ok=True)
        arguments = [sys.executable, "-m", "tests.loop.system", str(self.root)] + ["--shuffled"] * self.shuffled
        with (self.root / "supervisor.log").open("ab") as log:
            self.process = subprocess.Popen(arguments, cwd=PROJECT, stdout=log, stderr=log)  # noqa: S603  # our own program
        deadline = time.monotonic() + START_LIMIT_S
        while not (self.root / READY).exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the system did not start:\n{self.tail()}")
            time.sleep(0.1)

    def stop(self) -> int:
        """Stop it as Ctrl-C does; answers the exit status."""
        if self.process is None:
            return 0
        self.process.terminate()
        return self.process.wait(STOP_LIMIT_S)

    def tail(self) -> str:
        """The end of the supervisor's log."""
        return (self.root / "supervisor.log").read_text(errors="replace")[-4_000:]


@contextlib.contextmanager
def running_system(*, shuffled: bool = False) -> Iterator[RunningSystem]:
    """A system from nothing, stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="skill-voucher-loop-") as name:
        root = Path(name)
        root.chmod(0o711)
        scatter_ports(root)
        system = RunningSystem(root, shuffled)
        system.start()
        try:
            yield system
        finally:
            system.stop()
            remove_home(root / "postgres")


if __name__ == "__main__":
    main(Path(sys.argv[1]), shuffled="--shuffled" in sys.argv)
