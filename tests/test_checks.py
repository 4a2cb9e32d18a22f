"""What `make check` runs is among the tests, so that a red check is a red test."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent
CHECKS = (
    "ruff format --check --quiet .",
    "ruff check --quiet .",
    "mypy",
    "lint-imports --no-cache --no-logo",
    "python -m shared.contracts.freeze --check",
    "python -m deploy.documents --check",
)
LIMIT_S = 300.0


@pytest.mark.parametrize("check", CHECKS)
def test_check_passes(check: str) -> None:
    program, *arguments = check.split()
    command = [str(PROGRAMS / program), *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=LIMIT_S, check=False)  # noqa: S603  # constants of this file
    assert done.returncode == 0, done.stdout + done.stderr


def test_these_are_the_checks_of_the_makefile() -> None:
    lines = [line.strip() for line in (PROJECT / "Makefile").read_text(encoding="utf-8").splitlines()]
    checks = [line.partition(" || ")[0].removeprefix("@$(BIN)/") for line in _recipes_of_checks(lines)]
    assert checks == list(CHECKS)


def _recipes_of_checks(lines: list[str]) -> list[str]:
    """The line under each `check-…:`."""
    return [lines[at + 1] for at, line in enumerate(lines) if line.startswith("check-") and ":" in line]
