"""How much CPU each process of a running system has used, by /proc: what a loop, or doing nothing, costs in all."""

import contextlib
import re
from collections import Counter

import psutil  # type: ignore[import-untyped]  # it has no types of its own
from rich.table import Table

_NAMES = [
    (re.compile(r"services\.(\w+) (api|worker)"), r"\1 \2"),
    (re.compile(r"shuffled_worker (\w+)"), r"\1 worker"),
    (re.compile(r"kafka\.Kafka"), "kafka"),
    (re.compile(r"postgres"), "PostgreSQL"),
    (re.compile(r"deploy\.local\.(bank|issuer)"), r"\1"),
]


def cpu_s(root: str) -> Counter[str]:
    """Seconds of CPU by process of the system whose state is under `root`; PostgreSQL's backends are one.

    A backend that has ended is not counted: pools keep theirs.
    """
    used: Counter[str] = Counter()
    ours: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if root in " ".join(process.cmdline()):
                ours |= {child.pid: child for child in [process, *process.children(recursive=True)]}
    for process in ours.values():
        with contextlib.suppress(psutil.Error):
            command, times = " ".join(process.cmdline()), process.cpu_times()
            for pattern, name in _NAMES:
                if found := pattern.search(command):
                    used[found.expand(name)] += times.user + times.system
                    break
    return used


def table_of(used: Counter[str], per: float, title: str) -> Table:
    """The figures, each divided by `per`, the greatest first."""
    table = Table("process", title, title="CPU")
    for name, seconds in used.most_common():
        table.add_row(name, f"{seconds / per:.4f}")
    table.add_row("[bold]in all", f"[bold]{sum(used.values()) / per:.4f}")
    return table
