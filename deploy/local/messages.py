"""What a person reads when something went wrong, and which command helps: as it can be typed from where they stand."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from rich.console import Console

from deploy.local.errors import LocalRunError

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_STATE = PROJECT / ".local"

_SCRIPT = Path(sys.executable).with_name("skill-voucher")
_FOREIGN_STATE = "Has another user run it here? Run as that user, or name another directory by --state."


def program(state: Path = DEFAULT_STATE) -> str:
    """The command, with the option that names the state directory where it is not the usual one."""
    if not _SCRIPT.exists():
        words = ["python", "-m", "deploy.local"]
    elif Path.cwd() == PROJECT and _SCRIPT.is_relative_to(PROJECT):
        words = [str(_SCRIPT.relative_to(PROJECT))]
    else:
        words = [str(_SCRIPT)]
    if state.absolute() != DEFAULT_STATE:
        words += ["--state", str(state)]
    return shlex.join(words)


def hint_of(error: Exception, state: Path) -> str:
    """What to do about an error; empty if nothing is known."""
    if isinstance(error, LocalRunError):
        return error.hint.format(program=program(state))
    return _FOREIGN_STATE if isinstance(error, PermissionError) else ""


def explain(console: Console, error: Exception, state: Path, *, before: str = "") -> None:
    """Print an error in words, and what to do about it."""
    console.print(f"{before}{error}", style="red", markup=False, highlight=False, soft_wrap=True)
    if hint := hint_of(error, state):
        console.print(hint, markup=False, highlight=False, soft_wrap=True)
