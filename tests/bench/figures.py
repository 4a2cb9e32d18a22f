"""Percentiles, and the lines that `python -m tests.bench` repeats at its end."""

import os
from collections.abc import Sequence

from rich.console import Console

console = Console()

CONCLUSION = "=> "
"""Begins a line that the summary of all benches repeats."""


def conclude(line: str) -> None:
    """Print a line that belongs into the summary, with how busy the machine was, ourselves included."""
    load = f" [load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores]"
    console.print(CONCLUSION + line + load, soft_wrap=True, highlight=False, markup=False)


def percentile(values: Sequence[float], per_cent: float) -> float:
    """The smallest of `values` that at least `per_cent` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * per_cent / 100))]
