"""From what the database says to what a person reads: a violated constraint is a named refusal."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from shared.kernel.errors import DomainError, Unavailable

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK = "40P01"
SERIALIZATION_FAILURE = "40001"
QUERY_CANCELED = "57014"
TRANSIENT_STATES = frozenset({LOCK_NOT_AVAILABLE, DEADLOCK, SERIALIZATION_FAILURE, QUERY_CANCELED})
TRANSIENT_CLASSES = ("08", "53", "57P")
"""Connection failures, insufficient resources, and a server that is shutting down or starting."""


class Busy(Unavailable):
    """Somebody else is changing the same thing just now."""

    code = "busy"
    zh, en = "他人正在办理同一事项,请稍后重试", "Somebody else is changing the same thing just now; please try again."


class DatabaseUnreachable(Unavailable):
    """The database does not answer."""

    code = "database_unreachable"
    zh, en = "数据库暂时无法访问,请稍后重试", "The database cannot be reached; please try again."


_by_constraint: dict[str, type[DomainError]] = {}


def map_constraint(constraint: str, refusal: type[DomainError]) -> None:
    """Say which refusal a violation of `constraint` is. One constraint has one meaning."""
    if _by_constraint.setdefault(constraint, refusal) is not refusal:
        raise TypeError(f"constraint {constraint!r} already means {_by_constraint[constraint].code}")


def sqlstate_of(error: BaseException) -> str | None:
    """The five characters with which PostgreSQL names what went wrong, if it was PostgreSQL."""
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    for candidate in (driver_error, getattr(driver_error, "__cause__", None)):
        state = getattr(candidate, "sqlstate", None)
        if isinstance(state, str):
            return state
    return None


def constraint_of(error: BaseException) -> str | None:
    """The violated constraint's name, if the error names one."""
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    for candidate in (driver_error, getattr(driver_error, "__cause__", None)):
        name = getattr(candidate, "constraint_name", None)
        if isinstance(name, str):
            return name
    return None


def refusal_of(error: BaseException) -> DomainError | None:
    """The refusal that a database error stands for, or None if it is nothing that we foresaw."""
    if isinstance(error, DomainError):
        return error
    named = _by_constraint.get(constraint_of(error) or "")
    if named is not None:
        return named()
    state = sqlstate_of(error)
    if isinstance(error, StaleDataError) or state in TRANSIENT_STATES:
        return Busy()
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError) or _is_broken_off(error):
        return DatabaseUnreachable()
    if state is not None:
        return DatabaseUnreachable() if state.startswith(TRANSIENT_CLASSES) else None
    if isinstance(error, InterfaceError | OperationalError):
        return DatabaseUnreachable()
    return None


def _is_broken_off(error: BaseException) -> bool:
    """Whether the driver lost its server in the middle of a message and does not know where it stands."""
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(driver_error, asyncpg.InternalClientError) or isinstance(
        getattr(driver_error, "__cause__", None), asyncpg.InternalClientError
    )
