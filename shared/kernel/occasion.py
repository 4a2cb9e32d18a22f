"""What a benefit is taken for: the first certificate, or one review of a permit, named by the day it is due (R7)."""

from datetime import date, timedelta
from typing import Literal

FIRST = "first"
_REVIEW = "review:"


def review_of(due: date) -> str:
    """The occasion of the review that is due on `due`: each review of a permit is a benefit of its own."""
    return f"{_REVIEW}{due.isoformat()}"


def due_on(occasion: str) -> date | None:
    """The day on which the review is due; None for a first certificate. `ValueError` for what is no occasion."""
    if occasion == FIRST:
        return None
    if not occasion.startswith(_REVIEW):
        raise ValueError(f"no occasion: {occasion!r}")
    return date.fromisoformat(occasion.removeprefix(_REVIEW))


def review_days(due: date, window_days: int) -> tuple[date, date]:
    """The first and the last day of a review that is due on `due`: so long before and after it (R7)."""
    window = timedelta(days=window_days)
    return due - window, due + window


def act_of(occasion: str) -> Literal["first", "review"]:
    """The rate table's word for the occasion. `ValueError` for what is no occasion."""
    return "first" if due_on(occasion) is None else "review"
