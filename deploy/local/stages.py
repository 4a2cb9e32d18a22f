"""Showing a person how far the start has come (bars on a terminal, plain lines elsewhere) and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Advance = Callable[[int, int], None]
"""Called with what is done and what there is to do."""

_LINES_A_STAGE = 4


class Stages:
    """The stages of a start, which may overlap; ``seconds`` holds how long each that ended took."""

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._console.is_terminal:
            columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), BarColumn(bar_width=20))
            self._progress = Progress(
                *columns, TextColumn("{task.fields[count]}"), TimeElapsedColumn(), console=self._console
            )
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave what was shown."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    @contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        """One stage from its begin to its end; the function that it gives may be called from any thread."""
        began = time.monotonic()
        with self._lines(name) if self._progress is None else self._bar(self._progress, name) as advance:
            yield advance
            self.seconds[name] = time.monotonic() - began

    @contextmanager
    def _bar(self, progress: Progress, name: str) -> Iterator[Advance]:
        task = progress.add_task(name, total=None, count="")

        def advance(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of, count=f"{done}/{of}")

        yield advance
        total = progress.tasks[task].total or 1
        progress.update(task, completed=total, total=total)

    @contextmanager
    def _lines(self, name: str) -> Iterator[Advance]:
        def advance(done: int, of: int) -> None:
            if done < of and done % max(1, -(-of // _LINES_A_STAGE)) == 0:
                self._console.print(f"{name}: {done}/{of}", highlight=False)

        yield advance
        self._console.print(f"{name}: {self.seconds[name]:.1f} s", highlight=False)
