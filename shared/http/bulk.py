"""Answers to bulk requests: each row its result or its refusal, in the order of the request."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.kernel.errors import DomainError
from shared.observability import request_context
from shared.observability.metrics import count_refusal

T = TypeVar("T")
OutcomeT = TypeVar("OutcomeT")


class RowError(BaseModel):
    """Why one row was refused."""

    model_config = ConfigDict(frozen=True)

    code: str
    detail: str
    policy: str | None

    @classmethod
    def of(cls, refusal: DomainError) -> "RowError":
        """The refusal, in the language of the running request."""
        return cls(code=refusal.code, detail=refusal.message(request_context().language), policy=refusal.policy)


class RowAccepted(BaseModel, Generic[T]):
    """A row that was done. `index` is its place in the request, from 0."""

    model_config = ConfigDict(frozen=True)

    index: int
    result: T


class RowRefused(BaseModel):
    """A row that was refused; the others are not touched by it."""

    model_config = ConfigDict(frozen=True)

    index: int
    error: RowError


class BulkAnswer(BaseModel, Generic[T]):
    """The answer to a bulk request, status 200: as many results as rows, in their order."""

    model_config = ConfigDict(frozen=True)

    results: list[RowAccepted[T] | RowRefused]
    accepted: int
    refused: int

    @classmethod
    def of(cls, outcomes: Sequence[OutcomeT | DomainError], view: Callable[[OutcomeT], T]) -> "BulkAnswer[T]":
        """The answer that tells `outcomes`, a command's results item by item; `view` shows those that were done."""
        results: list[RowAccepted[T] | RowRefused] = []
        for index, outcome in enumerate(outcomes):
            if isinstance(outcome, DomainError):
                count_refusal(outcome.code)
                results.append(RowRefused(index=index, error=RowError.of(outcome)))
            else:
                results.append(RowAccepted(index=index, result=view(outcome)))
        refused = sum(isinstance(result, RowRefused) for result in results)
        return cls(results=results, accepted=len(results) - refused, refused=refused)


def the_one(outcomes: Sequence[OutcomeT | DomainError]) -> OutcomeT:
    """The only outcome of a plural command that was given one item; raises it if it is a refusal."""
    (outcome,) = outcomes
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome
