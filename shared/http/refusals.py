"""Which refusals a route can give: what it says itself with `Refuses(...)`, and what comes with its kind."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from fastapi import params

from shared.kernel.errors import DomainError
from shared.observability import logger

Refusal = type[DomainError]

log = logger(__name__)


class UndeclaredRefusal(RuntimeError):
    """A route refused with a code that it does not list."""


class Refusals:
    """Refusals that a route lists."""

    def __init__(self, refusals: frozenset[Refusal]) -> None:
        self.refusals = refusals

    async def __call__(self) -> None:
        """Nothing: the route itself looks at what it lists."""


def Refuses(*refusals: Refusal) -> params.Depends:  # noqa: N802  # read as a declaration, like FastAPI's own
    """List the refusals that a route's command can give; those of the route's kind come by themselves."""
    wordless = [refusal.__name__ for refusal in refusals if not hasattr(refusal, "code")]
    if wordless or not refusals:
        raise TypeError(f"Refuses lists refusals that have a code, not {wordless}")
    return params.Depends(Refusals(frozenset(refusals)))


def listed_refusals(dependencies: Iterable[params.Depends]) -> frozenset[Refusal]:
    """All refusals among a route's dependencies."""
    found = [
        dependency.dependency.refusals for dependency in dependencies if isinstance(dependency.dependency, Refusals)
    ]
    return frozenset().union(*found)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the running request's route may refuse with. `strict`: anything else is a mistake that must not pass."""

    operation: str
    codes: frozenset[str]
    strict: bool


_declared: ContextVar[Declared | None] = ContextVar("declared_refusals", default=None)


@contextmanager
def declaring(declared: Declared) -> Iterator[None]:
    """Hold refusals of the running request against what its route lists."""
    token = _declared.set(declared)
    try:
        yield
    finally:
        _declared.reset(token)


def check_declared(refusal: DomainError) -> None:
    """`UndeclaredRefusal` in the test profile, elsewhere a log entry, if the running route does not list `refusal`."""
    declared = _declared.get()
    if declared is None or refusal.code in declared.codes:
        return
    if declared.strict:
        raise UndeclaredRefusal(
            f"{declared.operation} refuses with {refusal.code}, which its Refuses(...) does not list"
        )
    log.error("undeclared refusal", operation=declared.operation, code=refusal.code)
