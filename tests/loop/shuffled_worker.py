"""A service's worker whose every event comes twice and mixed between aggregates; everything else is the real one.

    python -m tests.loop.shuffled_worker SERVICE

It reads the settings of the worker whose place it takes.
"""

import importlib
import random
import secrets
import sys

from shared.messaging import WorkerProcess
from shared.messaging.worker import run_worker
from shared.settings import Settings
from tests.faults.harness import Shuffled


def main(service: str) -> None:
    """Run the worker of `service` around a shuffled source."""
    settings = Settings.from_environment()
    seed = secrets.randbelow(10**6)
    sys.stderr.write(f"seed {seed}\n")
    worker: WorkerProcess = importlib.import_module(f"services.{service}.worker").worker()
    run_worker(worker, settings, around=lambda source: Shuffled(source, random.Random(seed)))


if __name__ == "__main__":
    main(sys.argv[1])
