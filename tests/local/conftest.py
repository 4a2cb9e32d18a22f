"""What several tests of the local run need."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.ports import random_free
from deploy.local.postgres import PostgresServer


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user of the machine may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="skill-voucher-test-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        yield directory


@pytest.fixture
def postgres(open_directory: Path) -> Iterator[PostgresServer]:
    """A server that runs."""
    server = PostgresServer(open_directory / "postgres", port=random_free(), password="s3cret/@:?")
    server.start()
    yield server
    server.remove()
