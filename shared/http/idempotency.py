"""`Idempotency-Key`: a repeated request gets the answer of the first, which was stored with its effect.

The key is inserted first in the unit of work. A concurrent duplicate waits at that row until the first commits or gives
up, for `lock_timeout` at the longest. Only successes are stored; a refusal rolls back and is decided anew.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import SmallInteger, Text, cast, delete, select, tuple_, update, values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import Conflict, DomainError, Invalid
from shared.persistence import UnitOfWork
from shared.persistence.plumbing import idempotency_keys
from shared.persistence.refusals import LOCK_NOT_AVAILABLE, sqlstate_of
from shared.security import FieldCipher
from shared.security.digests import framed
from shared.settings import Settings

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"

BODY_HASH = "idempotency_keys.body_hash"
"""Purpose of the keyed hash: it matches no blind index of the house."""

PrimaryKey = tuple[str, str, str, str]

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
    """A request that may be repeated: who asks what, under which key. `route` is the template; the rest is hashed.

    `principal` is the whole caller's fingerprint, and the route asks its permission before it looks for a stored
    answer: nobody gets the answer of a caller with another scope, or one of a role that the route has shut out.
    """

    principal: str
    method: str
    route: str
    key: str
    body_hash: bytes

    @property
    def primary_key(self) -> PrimaryKey:
        """What makes it one request, its content apart."""
        return self.principal, self.method, self.route, self.key


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the first request was answered: status and JSON text."""

    status: int
    body: str


def request_hash(path: str, query: bytes, body: bytes) -> bytes:
    """SHA-256 over everything that makes two requests the same: path, query and body."""
    return hashlib.sha256(framed(path.encode(), query, body)).digest()


RequestHash = Callable[[str, bytes, bytes], bytes]
"""Path, query and body to 32 bytes."""


def request_hasher(settings: Settings) -> RequestHash:
    """`request_hash`, keyed with the blind index's key where a service has one.

    Such a service receives ID and account numbers. The plain hash of a body lets whoever reads the table try out all
    the numbers that fit what is shown masked, so it is stored no more than the numbers are (DOMAIN §4, 14).
    """
    if settings.blind_index_key_file is None:
        return request_hash
    cipher = FieldCipher(settings)

    def keyed(path: str, query: bytes, body: bytes) -> bytes:
        return cipher.blind_index(request_hash(path, query, body).hex(), purpose=BODY_HASH)

    return keyed


def checked_key(values: list[str]) -> str:
    """The one key among a request's header values; `IdempotencyKeyMissing` or `IdempotencyKeyInvalid` otherwise."""
    if not values:
        raise IdempotencyKeyMissing
    if len(values) > 1 or not _KEY.fullmatch(values[0]):
        raise IdempotencyKeyInvalid
    return values[0]


_KEY_COLUMNS = (
    idempotency_keys.c.principal,
    idempotency_keys.c.method,
    idempotency_keys.c.route,
    idempotency_keys.c.key,
)

Claim = StoredAnswer | DomainError | None
"""None: the key is new and the act is to be done. Otherwise the stored answer, or why there is none."""


async def claim_key(uow: UnitOfWork, request: Keyed) -> StoredAnswer | None:
    """Claim the key in `uow`, before anything else is done there: None if it is new, else the stored answer.

    `IdempotencyKeyReused` if it came with another request, `RequestInProgress` if the first is not done in time.
    """
    (claim,) = await claim_keys(uow, [request])
    if isinstance(claim, DomainError):
        raise claim
    return claim


async def claim_keys(uow: UnitOfWork, requests: Sequence[Keyed]) -> list[Claim]:
    """Claim many keys at once, in the order of the keys; answers in the order of `requests`.

    Of two requests with one key, the first claims it and the other is in progress. If a key is being claimed elsewhere
    for longer than `lock_timeout`, all of them fail with `RequestInProgress`, and each must be tried alone.
    """
    if not requests:
        return []
    rows: dict[PrimaryKey, dict[str, object]] = {}
    for request in sorted(requests, key=lambda request: request.primary_key):
        rows.setdefault(request.primary_key, asdict(request))
    claim = insert(idempotency_keys).values(list(rows.values())).on_conflict_do_nothing()
    try:
        claimed = {tuple(row) for row in await uow.session.execute(claim.returning(*_KEY_COLUMNS))}
    except DBAPIError as error:
        if sqlstate_of(error) == LOCK_NOT_AVAILABLE:
            raise RequestInProgress from None
        raise
    stored = await _stored(uow, [key for key in rows if key not in claimed])
    claims: list[Claim] = []
    for request in requests:
        if request.primary_key in claimed:
            claimed.discard(request.primary_key)
            claims.append(None)
        else:
            claims.append(_claim_of(request, stored.get(request.primary_key)))
    return claims


async def _stored(uow: UnitOfWork, keys: Sequence[PrimaryKey]) -> dict[PrimaryKey, tuple[bytes, int | None, str]]:
    """Body hash, status and text of what is stored under `keys`."""
    if not keys:
        return {}
    columns = idempotency_keys.c
    wanted = select(*_KEY_COLUMNS, columns.body_hash, columns.response_status, columns.response_body)
    found = await uow.session.execute(wanted.where(tuple_(*_KEY_COLUMNS).in_(keys)))
    return {
        (row.principal, row.method, row.route, row.key): (row.body_hash, row.response_status, row.response_body)
        for row in found
    }


def _claim_of(request: Keyed, stored: tuple[bytes, int | None, str] | None) -> Claim:
    if stored is None:
        return RequestInProgress()
    body_hash, status, body = stored
    if status is None:
        return RequestInProgress()
    return StoredAnswer(status, body) if body_hash == request.body_hash else IdempotencyKeyReused()


async def store_answer(uow: UnitOfWork, request: Keyed, answer: StoredAnswer) -> None:
    """Keep the answer under the key that this unit of work claimed."""
    await uow.session.execute(
        update(idempotency_keys)
        .where(tuple_(*_KEY_COLUMNS) == request.primary_key)
        .values(response_status=answer.status, response_body=answer.body)
    )


async def store_answers(uow: UnitOfWork, answers: Sequence[tuple[Keyed, StoredAnswer]]) -> None:
    """Keep many answers at once, each under the key that this unit of work claimed for it."""
    if not answers:
        return
    given = values(*_KEY_COLUMNS, idempotency_keys.c.response_status, idempotency_keys.c.response_body, name="given")
    given = given.data([(*request.primary_key, answer.status, answer.body) for request, answer in answers])
    await uow.session.execute(
        update(idempotency_keys)
        .where(*(column == given.c[column.name] for column in _KEY_COLUMNS))
        .values(
            response_status=cast(given.c.response_status, SmallInteger), response_body=cast(given.c.response_body, Text)
        )
    )


async def give_back_keys(uow: UnitOfWork, requests: Sequence[Keyed]) -> None:
    """Give back keys that this unit of work claimed and refused to act on: a refusal is decided anew."""
    if requests:
        refused = tuple_(*_KEY_COLUMNS).in_([request.primary_key for request in requests])
        await uow.session.execute(delete(idempotency_keys).where(refused))
