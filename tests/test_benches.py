"""Benches that need no whole system run to their ends with few items, so that what is measured goes on to be there."""

import subprocess
import sys

import pytest

from tests.bench.figures import CONCLUSION


@pytest.mark.parametrize(
    ("bench", "items"), [("payouts", 40), ("consumer", 1_200), ("relay", 1_200), ("log_verification", 1_200)]
)
def test_a_bench_comes_to_its_figures(bench: str, items: int) -> None:
    command = [sys.executable, "-m", f"tests.bench.{bench}", str(items)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)  # noqa: S603  # our own
    assert ran.returncode == 0, ran.stdout + ran.stderr
    concluded = [line for line in ran.stdout.splitlines() if line.startswith(CONCLUSION)]
    assert concluded
    assert not [line for line in concluded if ": 0 " in line], "something was not measured"
