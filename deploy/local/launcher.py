"""Becomes another program that dies with its parent: ``launcher.py PARENT SIGNAL UID GID PROGRAM [ARGUMENT...]``.

A separate program instead of a ``preexec_fn``, which may deadlock in a process that has threads. Standard library only,
since it runs as ``python -I -S``. PARENT is the process id of whoever started it, SIGNAL the number of the signal that
the kernel sends when that parent dies; UID and GID are -1 to stay who one is. What the program makes is its owner's
alone.

The order matters: giving up privileges clears the parent-death signal, so it is asked for afterwards; and a parent may
die before it is asked for, so the parent is looked at last.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_OWNER_ONLY = 0o077
_EXIT_ORPHANED = 70
_EXIT_NOT_EXECUTABLE = 127


def main(arguments: list[str]) -> None:
    """Give up privileges, bind the own life to the parent's and become the program; never returns."""
    parent, death_signal, uid, gid = (int(argument) for argument in arguments[:4])
    program = arguments[4:]
    os.umask(_OWNER_ONLY)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os._exit(_EXIT_ORPHANED)
    for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored_by_python, signal.SIG_DFL)
    try:
        os.execvp(program[0], program)  # noqa: S606 - no shell is wanted
    except OSError as error:
        print(f"cannot run {program[0]}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(_EXIT_NOT_EXECUTABLE)


if __name__ == "__main__":
    main(sys.argv[1:])
