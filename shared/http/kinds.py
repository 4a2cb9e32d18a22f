"""Refusals that come with a route's kind, so that no route lists them: tokens, bodies, keys, pages, the database."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.http.bodies import BodyTooLarge, BodyTooSlow, BodyUnexpected, ContentTypeUnsupported, JsonInvalid
from shared.http.idempotency import (
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    RequestInProgress,
)
from shared.http.pages import CursorInvalid
from shared.http.policy import RoleNotAllowed
from shared.http.problems import (
    HeadTooLarge,
    HostNotServed,
    Overloaded,
    QueryUnknown,
    RequestMalformed,
    TooManyConnections,
    ValidationFailed,
)
from shared.http.rates import RateLimitExceeded
from shared.http.refusals import Refusal
from shared.persistence.refusals import Busy, DatabaseUnreachable
from shared.security import PersonNotRegistered, ScopeMissing, TokenInvalid, TokenMissing

if TYPE_CHECKING:
    from shared.http.route import UnitOfWorkRoute


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that many routes have in common. `name` ends the names of the answers that it brings."""

    name: str
    has: Callable[["UnitOfWorkRoute"], bool]
    refusals: frozenset[Refusal]


KINDS = (
    Kind(
        "",
        lambda _route: True,
        frozenset(
            {
                RequestMalformed,
                HeadTooLarge,
                HostNotServed,
                TooManyConnections,
                Overloaded,
                QueryUnknown,
                ValidationFailed,
                BodyTooLarge,
                BodyTooSlow,
            }
        ),
    ),
    Kind(
        "",
        lambda route: not route.permission.public,
        frozenset({TokenMissing, TokenInvalid, RoleNotAllowed, ScopeMissing}),
    ),
    Kind("Body", lambda route: route.body_field is not None, frozenset({ContentTypeUnsupported, JsonInvalid})),
    Kind("NoBody", lambda route: route.body_field is None, frozenset({BodyUnexpected})),
    Kind(
        "Key",
        lambda route: route.keyed,
        frozenset({IdempotencyKeyMissing, IdempotencyKeyInvalid, IdempotencyKeyReused, RequestInProgress}),
    ),
    Kind("Page", lambda route: route.pages, frozenset({CursorInvalid})),
    Kind("Registered", lambda route: route.needs_registered, frozenset({PersonNotRegistered})),
    Kind("", lambda route: route.rate_limited, frozenset({RateLimitExceeded})),
    Kind("Database", lambda route: route.opens_unit_of_work or route.batched, frozenset({Busy, DatabaseUnreachable})),
)


def kinds_of(route: "UnitOfWorkRoute") -> list[Kind]:
    """The kinds that a route is of."""
    return [kind for kind in KINDS if kind.has(route)]
