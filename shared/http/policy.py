"""Who may call a route, and whether repeating the call needs a key. Said in the route's `dependencies`."""

from collections.abc import Iterable

from fastapi import Depends, params

from shared.kernel.errors import Forbidden
from shared.security import Principal, Role


class RoleNotAllowed(Forbidden):
    """The route is not for the caller's role."""

    code = "role_not_allowed"
    zh, en = "您的角色无权办理此事", "Your role does not do this."


class Permission:
    """Which roles a route is open to; `None` is everybody, signed in or not."""

    def __init__(self, roles: frozenset[Role] | None) -> None:
        self.roles = roles

    async def __call__(self) -> None:
        """Nothing: the route itself asks, before it reads the body."""

    @property
    def public(self) -> bool:
        """Whether no token is asked."""
        return self.roles is None

    def check(self, caller: Principal) -> None:
        """`RoleNotAllowed` unless the caller's role is among those of the route."""
        if self.roles is not None and caller.role not in self.roles:
            raise RoleNotAllowed


class Trait:
    """Something that a route says about itself."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self) -> None:
        """Nothing: the route itself asks for the trait."""


class Location:
    """Where what a route creates is found: a path of this service, filled in from the answer's and the path's names."""

    def __init__(self, template: str) -> None:
        self.template = template

    async def __call__(self) -> None:
        """Nothing: the route itself fills it in."""


def Allow(*roles: Role) -> params.Depends:  # noqa: N802  # read as a declaration, like FastAPI's own
    """Open a route to `roles`, and to nobody else."""
    if not roles:
        raise TypeError("Allow needs at least one role; a route for everybody says Public")
    return params.Depends(Permission(frozenset(roles)))


def Creates(template: str) -> params.Depends:  # noqa: N802  # read as a declaration, like FastAPI's own
    """Say that a route creates a record: it answers 201, with `Location` made from `template` (`/v1/batches/{id}`)."""
    return params.Depends(Location(template))


Public: params.Depends = Depends(Permission(None))
"""Open a route to everybody, without a token. Such a route changes nothing, or is idempotent by nature."""

_BY_NATURE = Trait("idempotent_by_nature")
_BATCHED = Trait("batched")
_RATE_LIMITED = Trait("rate_limited")

idempotent_by_nature: params.Depends = Depends(_BY_NATURE)
"""Repeating the call does no harm without a key: it changes nothing, or a business key makes it the same act."""

rate_limited: params.Depends = Depends(_RATE_LIMITED)
"""Each address asks only as often as HTTP_LOOKUPS_PER_MINUTE says."""

batched: params.Depends = Depends(_BATCHED)
"""The handler hands its work to a request batcher that owns its unit of work, and claims its `Keyed` request there."""


def permission_of(dependencies: Iterable[params.Depends]) -> Permission:
    """The one permission among a route's dependencies; `TypeError` if there is none, or more than one."""
    found = [dependency.dependency for dependency in dependencies if isinstance(dependency.dependency, Permission)]
    if len(found) != 1:
        raise TypeError("deny by default: a route says Allow(...) or Public, exactly once")
    return found[0]


def location_of(dependencies: Iterable[params.Depends]) -> str | None:
    """The template of what a route creates; None if it creates nothing."""
    found = [
        dependency.dependency.template for dependency in dependencies if isinstance(dependency.dependency, Location)
    ]
    if len(found) > 1:
        raise TypeError("a route creates one kind of record")
    return found[0] if found else None


def has_trait(dependencies: Iterable[params.Depends], trait: params.Depends) -> bool:
    """Whether a route says `trait` of itself."""
    return any(dependency.dependency is trait.dependency for dependency in dependencies)
