"""Free TCP ports of the loopback address, outside the range from which the kernel takes ports for connections."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection, Iterable

from deploy.local.errors import LocalRunError

LOOPBACK = "127.0.0.1"
_TEST_PORTS = range(20_000, 30_000)


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
    """A free port at random that is not in `taken`, for tests that run side by side.

    LocalRunError if a thousand draws find none.
    """
    for _ in range(1000):
        port = random.choice(_TEST_PORTS)
        if port not in taken and is_free(port):
            return port
    raise LocalRunError(f"no free port between {_TEST_PORTS.start} and {_TEST_PORTS.stop - 1}")


def scatter(names: Iterable[str]) -> dict[str, int]:
    """A free port at random for each name, no two alike."""
    ports: dict[str, int] = {}
    for name in names:
        ports[name] = random_free(ports.values())
    return ports
