"""How much memory processes take, their children included."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

_PROC = Path("/proc")
_SHARE = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)
_BYTES_A_KIB = 1024


def memory_bytes(leaders: Mapping[str, int]) -> dict[str, int]:
    """The memory of each named process and of all its descendants, bytes.

    Pages that several processes share are divided among them (the proportional set size), so that sums are true; where
    another user's shares may not be read, its resident set is taken. A process that is gone takes nothing.
    """
    children = _children()
    return {name: sum(_own_bytes(pid) for pid in _family(leader, children)) for name, leader in leaders.items()}


def _children() -> Mapping[int, list[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            children[int(stat[stat.rindex(")") + 2 :].split()[1])].append(int(entry.name))
    return children


def _family(leader: int, children: Mapping[int, list[int]]) -> Iterable[int]:
    yield leader
    for child in children.get(leader, ()):
        yield from _family(child, children)


def _own_bytes(pid: int) -> int:
    directory = _PROC / str(pid)
    try:
        found = _SHARE.search((directory / "smaps_rollup").read_text())
        if found:
            return int(found[1]) * _BYTES_A_KIB
    except OSError:
        pass
    try:
        return int((directory / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
