"""A process knows every table of its service, whichever rooms it imports."""

import subprocess
import sys

import pytest

from shared.messaging.topics import SERVICES

RESOLVE = """
import sys
from sqlalchemy.orm import configure_mappers
from services.{service}.worker import worker
from services.{service}.models import Base
worker()
configure_mappers()
keys = [key.column for table in Base.metadata.sorted_tables for key in table.foreign_keys]
sys.exit(0 if Base.metadata.tables else "no tables")
"""


@pytest.mark.parametrize("service", SERVICES)
def test_every_foreign_key_finds_its_table_in_a_fresh_process(service: str) -> None:
    """A worker process of voucher once missed the table of workers, because none of its rooms imports it."""
    done = subprocess.run(  # noqa: S603  # our own interpreter and text  # constant
        [sys.executable, "-c", RESOLVE.format(service=service)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
