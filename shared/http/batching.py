"""Routes whose requests share units of work: keys, command, answers and commit for many requests at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel
from starlette.responses import Response

from shared.http.idempotency import Keyed, StoredAnswer, claim_keys, give_back_keys, store_answers
from shared.http.route import answered, replayed
from shared.kernel.errors import DomainError
from shared.persistence import Database, RequestBatcher, UnitOfWork

Item = TypeVar("Item")
Row = TypeVar("Row")

Command: TypeAlias = Callable[[UnitOfWork, Sequence[Item]], Awaitable[list[Row | DomainError]]]
Outcome: TypeAlias = tuple[StoredAnswer, bool] | DomainError
"""An answer and whether it was given before, or the refusal."""


class BatchedCommand(Generic[Item, Row]):
    """A plural command behind a `batched` route: `await claims.answer(database, key, item)`.

    Every request keeps its own idempotency key: a repeated one gets its stored answer, and the key of a refused one is
    released, so that it is decided anew. The API's role needs DELETE on `idempotency_keys` for that.
    """

    def __init__(self, command: "Command[Item, Row]", view: Callable[[Row], BaseModel], *, status: int = 201) -> None:
        self._command = command
        self._view = view
        self._status = status
        self._batchers: WeakKeyDictionary[Database, RequestBatcher[tuple[Keyed, Item], Outcome]] = WeakKeyDictionary()

    async def answer(self, database: Database, key: Keyed, item: Item) -> Response:
        """The answer to one request, after its commit; raises the refusal."""
        if database not in self._batchers:
            self._batchers[database] = RequestBatcher(database, self._act)
        outcome = await self._batchers[database].submit((key, item))
        if isinstance(outcome, DomainError):
            raise outcome
        stored, before = outcome
        return replayed(stored) if before else answered(stored)

    async def _act(self, uow: UnitOfWork, requests: Sequence[tuple[Keyed, Item]]) -> list[Outcome]:
        claims = await claim_keys(uow, [key for key, _ in requests])
        fresh = [place for place, claim in enumerate(claims) if claim is None]
        outcomes = await self._command(uow, [requests[place][1] for place in fresh]) if fresh else []
        done: dict[int, StoredAnswer] = {}
        refused: dict[int, DomainError] = {}
        for place, outcome in zip(fresh, outcomes, strict=True):
            if isinstance(outcome, DomainError):
                refused[place] = outcome
            else:
                done[place] = StoredAnswer(self._status, self._view(outcome).model_dump_json())
        await store_answers(uow, [(requests[place][0], answer) for place, answer in done.items()])
        await give_back_keys(uow, [requests[place][0] for place in refused])
        return [_outcome(claim, done.get(place), refused.get(place)) for place, claim in enumerate(claims)]


def _outcome(
    claim: StoredAnswer | DomainError | None, done: StoredAnswer | None, refused: DomainError | None
) -> Outcome:
    if done is not None:
        return done, False
    if refused is not None:
        return refused
    if isinstance(claim, StoredAnswer):
        return claim, True
    if claim is None:
        raise RuntimeError("a claimed key is answered or released")
    return claim
