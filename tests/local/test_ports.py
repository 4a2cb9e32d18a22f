"""Ports for systems that run side by side: free, and no two alike."""

import socket

import pytest

from deploy.local import ports
from deploy.local.ports import LOOPBACK, random_free, scatter


def test_no_two_names_have_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-six draws from ten thousand meet in one run of thirty."""
    monkeypatch.setattr(ports, "_TEST_PORTS", range(20_000, 20_040))
    scattered = scatter(f"process {number}" for number in range(26))
    assert len(set(scattered.values())) == 26


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as listener:
        port = random_free()
        listener.bind((LOOPBACK, port))
        listener.listen()
        assert not ports.is_free(port)
