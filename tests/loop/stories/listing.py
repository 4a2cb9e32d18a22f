"""What all stories share: the list that they are on, and how a refusal is read."""

from collections.abc import Awaitable, Callable

from deploy.local.demo.chapters import CHAPTERS
from deploy.local.demo.client import Json, Refused
from deploy.local.demo.story import Stories

RATE_FEN = 80_000
"""A specific competence."""

STORIES: list[Callable[[Stories], Awaitable[object]]] = list(CHAPTERS.values())


def story(lived: Callable[[Stories], Awaitable[object]]) -> Callable[[Stories], Awaitable[object]]:
    """One story of the many."""
    STORIES.append(lived)
    return lived


def code(answer: Json | Refused) -> str:
    """The code with which a request, or its only row, was refused; empty if it was not."""
    if isinstance(answer, Refused):
        return answer.code
    errors = [row["error"]["code"] for row in answer.get("results", ()) if row.get("error")]
    return errors[0] if errors else ""
