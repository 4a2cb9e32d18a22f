"""Free TCP ports of the loopback address, outside the range from which the kernel takes ports for connections."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Collection, Iterable

from deploy.local.errors import LocalRunError

LOOPBACK = "127.0.0.1"
_TEST_PORTS = range(20_000, 30_000)
_PORTS_EACH = 1_000
_TEST_PROCESS = "PYTEST_XDIST_WORKER"
"""Names the process of tests, `gw0` and so on, where several run side by side."""


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback ``port`` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def first_free(start: int, taken: Collection[int]) -> int:
    """The lowest free port from ``start`` on, within a thousand, that is not in ``taken``; LocalRunError if none is."""
    for port in range(start, start + 1000):
        if port not in taken and is_free(port):
            return port
    raise LocalRunError(f"no free port between {start} and {start + 999}")


def random_free(taken: Collection[int] = ()) -> int:
    """A free port at random that is not in `taken`, for tests.

    What is drawn is taken only when its server starts, so processes of tests that run side by side draw from ranges of
    their own. LocalRunError if a thousand draws find none.
    """
    own = own_ports()
    for _ in range(1000):
        port = random.choice(own)
        if port not in taken and is_free(port):
            return port
    raise LocalRunError(f"no free port between {own.start} and {own.stop - 1}")


def own_ports() -> range:
    """The ports from which this process of tests draws."""
    number = int(os.environ.get(_TEST_PROCESS, "gw0").removeprefix("gw")) % (len(_TEST_PORTS) // _PORTS_EACH)
    start = _TEST_PORTS.start + number * _PORTS_EACH
    return range(start, start + _PORTS_EACH)


def scatter(names: Iterable[str]) -> dict[str, int]:
    """A free port at random for each name, no two alike."""
    ports: dict[str, int] = {}
    for name in names:
        ports[name] = random_free(ports.values())
    return ports
