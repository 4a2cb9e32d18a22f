"""Bulk requests and their answers: each row is read, done or refused by itself, in the order of the request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field, PrivateAttr, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from shared.http.bodies import GENERIC, Body, View
from shared.http.field_names import property_names
from shared.http.problems import FieldError, ValidationFailed, field_errors
from shared.http.refusals import check_declared
from shared.kernel.errors import DomainError
from shared.observability import request_context
from shared.observability.metrics import count_refusal

MAX_ROWS = 1_000
MANY_ROWS = 10_000

T = TypeVar("T")
RowT = TypeVar("RowT", bound=BaseModel)
ItemT = TypeVar("ItemT")
OutcomeT = TypeVar("OutcomeT")


class RowError(View):
    """Why one row was refused."""

    code: str
    """The refusal's code, as in a problem document."""
    detail: str
    """The refusal in a sentence, in the language that the caller prefers."""
    policy: str | None
    """The rule that refuses: a paragraph of the policy (§) or a decision; null if it is a technical one."""
    errors: list[FieldError]
    """Where the row is not as the contract says; empty for every code but `validation_failed`."""

    @classmethod
    def of(cls, refusal: DomainError, errors: Sequence[FieldError] = ()) -> "RowError":
        """The refusal, in the language of the running request."""
        check_declared(refusal)
        count_refusal(refusal.code)
        detail = refusal.message(request_context().language)
        return cls(code=refusal.code, detail=detail, policy=refusal.policy, errors=list(errors))


class RowAccepted(View, Generic[T]):
    """A row that was done."""

    model_config = GENERIC

    index: Annotated[int, Field(description="The row's place in the request, from 0.")]
    result: Annotated[T, Field(description="What the row was answered.")]


class RowRefused(View):
    """A row that was refused; the others are not touched by it."""

    index: int
    """The row's place in the request, from 0."""
    error: RowError
    """Why it was refused."""


class BulkAnswer(View, Generic[T]):
    """As many results as rows, in their order."""

    model_config = GENERIC

    results: Annotated[
        list[RowAccepted[T] | RowRefused], Field(description="Row by row what was done, or why it was refused.")
    ]
    accepted: Annotated[int, Field(description="How many rows were done.")]
    refused: Annotated[int, Field(description="How many rows were refused.")]


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """A row that is not as the contract says."""

    refusal: DomainError
    errors: Sequence[Mapping[str, Any]] = ()


def _read_row(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    """The row, or why it cannot be read: one bad row never takes the others with it."""
    try:
        return handler(value)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        return _Unreadable(ValidationFailed(count=len(errors)), errors)
    except DomainError as refusal:
        return _Unreadable(refusal)


class BulkRequest(Body, Generic[RowT]):
    """Many rows at once, each done or refused by itself."""

    model_config = GENERIC

    rows: Annotated[
        list[Annotated[RowT, WrapValidator(_read_row)]],
        Field(
            min_length=1,
            max_length=MAX_ROWS,
            description="The rows, at most 1,000. "
            "One that is not as the contract says is refused, and the others are done.",
        ),
    ]

    # `rows` are those that stand: what cannot be read is set apart when the request is read, what `items` refuses then;
    # `answer` lists all of them in the order of the request.

    _places: list[int] = PrivateAttr(default_factory=list)
    _refused: dict[int, RowRefused] = PrivateAttr(default_factory=dict)

    def model_post_init(self, _context: object) -> None:
        """Set apart what could not be read."""
        self._places = list(range(len(self.rows)))
        self.items(_readable)

    def items(self, convert: Callable[[RowT], ItemT]) -> list[ItemT]:
        """What `convert` makes of each row that stands; one that it refuses stands no more."""
        standing: list[tuple[int, RowT, ItemT]] = []
        for place, row in zip(self._places, self.rows, strict=True):
            try:
                standing.append((place, row, convert(row)))
            except DomainError as refusal:
                self._refused[place] = RowRefused(index=place, error=RowError.of(refusal, self._errors(place, row)))
        self._places = [place for place, _, _ in standing]
        self.__dict__["rows"] = [row for _, row, _ in standing]
        return [item for _, _, item in standing]

    def answer(self, outcomes: Sequence[OutcomeT | DomainError], view: Callable[[OutcomeT], T]) -> BulkAnswer[T]:
        """The answer with `outcomes`, one for each row that stands; `view` shows those that were done."""
        results: dict[int, RowAccepted[T] | RowRefused] = {**self._refused}
        for place, outcome in zip(self._places, outcomes, strict=True):
            if isinstance(outcome, DomainError):
                results[place] = RowRefused(index=place, error=RowError.of(outcome))
            else:
                results[place] = RowAccepted(index=place, result=view(outcome))
        refused = sum(isinstance(result, RowRefused) for result in results.values())
        in_order = [results[place] for place in sorted(results)]
        return BulkAnswer(results=in_order, accepted=len(results) - refused, refused=refused)

    def _errors(self, place: int, row: object) -> list[FieldError]:
        if not isinstance(row, _Unreadable):
            return []
        return field_errors(row.errors, property_names(type(self)), prefix=("body", "rows", place))


def _readable(row: object) -> None:
    if isinstance(row, _Unreadable):
        raise row.refusal


class LongBulkRequest(BulkRequest[RowT], Generic[RowT]):
    """Ten times as many rows at once, where each takes little: a list of ids to decide on."""

    model_config = GENERIC

    rows: Annotated[
        list[Annotated[RowT, WrapValidator(_read_row)]],
        Field(
            min_length=1,
            max_length=MANY_ROWS,
            description="The rows, at most 10,000. "
            "One that is not as the contract says is refused, and the others are done.",
        ),
    ]


def the_one(outcomes: Sequence[OutcomeT | DomainError]) -> OutcomeT:
    """The only outcome of a plural command that was given one item; raises it if it is a refusal."""
    (outcome,) = outcomes
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome
