"""Ports for systems that run side by side: free, and no two alike."""

import socket

import pytest

from deploy.local import ports
from deploy.local.ports import LOOPBACK, random_free, scatter


def test_no_two_names_have_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-six draws from ten thousand meet in one run of thirty."""
    monkeypatch.setattr(ports, "_PORTS_EACH", 40)
    scattered = scatter(f"process {number}" for number in range(26))
    assert len(set(scattered.values())) == 26


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as listener:
        port = random_free()
        listener.bind((LOOPBACK, port))
        listener.listen()
        assert not ports.is_free(port)


def test_processes_of_tests_draw_from_ranges_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two systems of 29 ports each would want the same one in one run of twelve."""
    drawn: list[int] = []
    for name in ("gw0", "gw1", "gw7"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", name)
        drawn += ports.own_ports()
    assert len(set(drawn)) == len(drawn) == 3_000
