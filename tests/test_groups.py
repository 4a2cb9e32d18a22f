"""Tests of one group run in one process: what a group starts, a whole system or a broker, is started once."""

import subprocess
import sys
from pathlib import Path

GROUPED = """
import pytest

pytestmark = pytest.mark.xdist_group("one")


@pytest.mark.parametrize("place", range(10))
def test_of_the_group(place, worker_id):
    with open("ran", "a") as ran:
        ran.write(worker_id + " ")
"""


def test_a_group_runs_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    assert ended.returncode == 0, ended.stdout
    workers = (tmp_path / "ran").read_text().split()
    assert (len(workers), len(set(workers))) == (10, 1)
