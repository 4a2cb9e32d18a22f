"""`Idempotency-Key`: a repeated request gets the answer of the first, which was stored with its effect.

The key is inserted first in the unit of work. A concurrent duplicate waits at that row until the first commits or gives
up, for `lock_timeout` at the longest. Only successes are stored; a refusal rolls back and is decided anew.
"""

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import Conflict, DomainError, Invalid
from shared.persistence import UnitOfWork
from shared.persistence.plumbing import idempotency_keys
from shared.persistence.refusals import LOCK_NOT_AVAILABLE, sqlstate_of
from shared.security.digests import framed

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)


class IdempotencyKeyMissing(DomainError):
    """A request that changes something brings no key."""

    code, status = "idempotency_key_missing", 400
    zh, en = "缺少 Idempotency-Key 请求头", "The Idempotency-Key header is missing."


class IdempotencyKeyInvalid(DomainError):
    """The key is not 1 to 128 visible ASCII characters, or is there twice."""

    code, status = "idempotency_key_invalid", 400
    zh, en = (
        "Idempotency-Key 须为 1 至 128 个可见 ASCII 字符",
        "An Idempotency-Key is 1 to 128 visible ASCII characters.",
    )


class IdempotencyKeyReused(Invalid):
    """The key came before with another request."""

    code = "idempotency_key_reused"
    zh, en = "该 Idempotency-Key 已用于另一请求", "This Idempotency-Key was used for another request."


class RequestInProgress(Conflict):
    """The first request with this key is still being worked on."""

    code = "request_in_progress"
    zh, en = "相同请求正在处理,请稍后查询结果", "The same request is still being worked on; ask again later."


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request that may be repeated: who asks what, under which key. `route` is the template; the rest is hashed."""

    principal: str
    method: str
    route: str
    key: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the first request was answered: status and JSON text."""

    status: int
    body: str


def request_hash(path: str, query: bytes, body: bytes) -> bytes:
    """SHA-256 over everything that makes two requests the same: path, query and body."""
    return hashlib.sha256(framed(path.encode(), query, body)).digest()


def checked_key(values: list[str]) -> str:
    """The one key among a request's header values; `IdempotencyKeyMissing` or `IdempotencyKeyInvalid` otherwise."""
    if not values:
        raise IdempotencyKeyMissing
    if len(values) > 1 or not _KEY.fullmatch(values[0]):
        raise IdempotencyKeyInvalid
    return values[0]


def _is(request: Keyed) -> tuple[ColumnElement[bool], ...]:
    columns = idempotency_keys.c
    return (
        columns.principal == request.principal,
        columns.method == request.method,
        columns.route == request.route,
        columns.key == request.key,
    )


async def claim_key(uow: UnitOfWork, request: Keyed) -> StoredAnswer | None:
    """Claim the key in `uow`, before anything else is done there: None if it is new, else the stored answer.

    `IdempotencyKeyReused` if it came with another request, `RequestInProgress` if the first is not done in time.
    """
    row = {
        "principal": request.principal,
        "method": request.method,
        "route": request.route,
        "key": request.key,
        "body_hash": request.body_hash,
    }
    claim = postgresql_insert(idempotency_keys).values(row).on_conflict_do_nothing()
    try:
        claimed = await uow.session.execute(claim.returning(idempotency_keys.c.key))
    except DBAPIError as error:
        if sqlstate_of(error) == LOCK_NOT_AVAILABLE:
            raise RequestInProgress from None
        raise
    if claimed.first() is not None:
        return None
    columns = idempotency_keys.c
    wanted = select(columns.body_hash, columns.response_status, columns.response_body).where(*_is(request))
    stored = (await uow.session.execute(wanted)).first()
    if stored is None or stored.response_status is None:
        raise RequestInProgress
    if stored.body_hash != request.body_hash:
        raise IdempotencyKeyReused
    return StoredAnswer(stored.response_status, stored.response_body)


async def store_answer(uow: UnitOfWork, request: Keyed, answer: StoredAnswer) -> None:
    """Keep the answer under the key that this unit of work claimed."""
    await uow.session.execute(
        update(idempotency_keys).where(*_is(request)).values(response_status=answer.status, response_body=answer.body)
    )
