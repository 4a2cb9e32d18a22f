"""How many statements each hot step takes at most, whatever the number of its items."""

import contextlib
from collections.abc import Iterator, Sequence

from sqlalchemy import event
from sqlalchemy.engine import Engine

BUDGETS = {
    "register": 6,
    "record an extract": 12,
    "claim": 13,
    "certify": 18,
    "open": 29,
    "an idle turn of voucher": 13,
    "an idle turn of payout": 17,
}
"""A figure goes down with the code, and never up; `open` takes both events of a payout in one unit of work."""


@contextlib.contextmanager
def within(step: str) -> Iterator[None]:
    """The block takes no more statements than the step's budget; it says which they were if it does."""
    taken: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        taken.append(" ".join(statement.split())[:120])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(taken) <= BUDGETS[step], _listed(step, taken)


def _listed(step: str, taken: Sequence[str]) -> str:
    return "\n".join([f"{step}: {len(taken)} statements, {BUDGETS[step]} at most", *taken])
