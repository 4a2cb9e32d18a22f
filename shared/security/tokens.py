"""Access tokens of the OpenID provider: verified against pinned keys, then remembered until they expire."""

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from shared.contracts.fields import ACCOUNT
from shared.kernel.credit_code import canonical_credit_code
from shared.kernel.errors import DomainError
from shared.reference.areas import AREAS
from shared.security.keys import KeySet, generation_of, read_key_set
from shared.security.principals import Principal, Role
from shared.security.signatures import verify_jws
from shared.settings import Settings

AUDIENCE = "skill-voucher"
TOKEN_TYP = "JWT"  # noqa: S105  # the header's `typ`, no secret
TOKEN_TYPES = frozenset({TOKEN_TYP, "at+jwt", "at+JWT", "application/at+jwt"})
"""What providers call an access token: plain, or as RFC 9068 wants it and as its own example spells it."""
LIFETIME_MOST_S = 24 * 3_600
"""From `iat` to `exp`. No token can be taken back, so none lives for longer than a day."""
MAX_TOKEN_BYTES = 4_096
MAX_TEXT_CHARACTERS = 200
MAX_AREAS = 64
MAX_AUDIENCES = 16
CLOCK_SKEW_S = 60
"""How far an issuer's clock may run ahead: for `iat` and `nbf`, never for `exp`."""
REMEMBERED_TOKENS = 10_000

_ACCOUNT = re.compile(ACCOUNT)
_VISIBLE = re.compile(r"[!-~]+")


class TokenMissing(DomainError):
    """The request carries no bearer token."""

    code, status = "token_missing", 401
    zh, en = "请先登录", "Please sign in."


class TokenInvalid(DomainError):
    """The token is not one of ours, not for us, or not valid now. Which it is, is never said."""

    code, status = "token_invalid", 401
    zh, en = "登录已失效,请重新登录", "The token is not valid; please sign in again."


class TokenVerifier:
    """Turns a token's text into the `Principal` that it names."""

    def __init__(self, keys: KeySet, issuer: str, *, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970, real time: tokens never live by business time."""
        self._keys, self._generation = keys, generation_of(keys)
        self._issuer = issuer
        self._clock = clock
        self._remembered: OrderedDict[bytes, tuple[Principal, int]] = OrderedDict()

    @classmethod
    def from_settings(cls, settings: Settings) -> "TokenVerifier":
        """The verifier of TOKEN_ISSUER and TOKEN_JWKS_FILE."""
        return cls(read_key_set(settings.need_file("token_jwks_file")), settings.need_text("token_issuer"))

    def principal_of(self, token: str) -> Principal:
        """The caller that `token` names; `TokenInvalid` whatever is wrong with it."""
        try:
            return self._principal_of(token)
        except Exception:  # noqa: BLE001  # deny whatever goes wrong while reading hostile input
            raise TokenInvalid from None

    def _principal_of(self, token: str) -> Principal:
        if len(token) > MAX_TOKEN_BYTES:
            raise ValueError("too long")
        if self._generation != generation_of(self._keys):
            self._generation = generation_of(self._keys)
            self._remembered.clear()
        digest = hashlib.sha256(token.encode("ascii")).digest()
        now_s = self._clock()
        known = self._remembered.get(digest)
        if known is not None:
            principal, expires_s = known
            if now_s >= expires_s:
                del self._remembered[digest]
                raise ValueError("expired")
            return principal
        claims = verify_jws(token, self._keys, types=TOKEN_TYPES, max_bytes=MAX_TOKEN_BYTES)
        expires_s = self._check_times(claims, now_s)
        if claims["iss"] != self._issuer or AUDIENCE not in _audiences(claims["aud"]):
            raise ValueError("iss or aud")
        if not _VISIBLE.fullmatch(_text(claims["jti"])):
            raise ValueError("a blank in jti")
        principal = _principal(claims)
        if len(self._remembered) >= REMEMBERED_TOKENS:
            self._remembered.popitem(last=False)
        self._remembered[digest] = (principal, expires_s)
        return principal

    def _check_times(self, claims: Mapping[str, Any], now_s: float) -> int:
        expires_s, issued_s = _seconds(claims["exp"]), _seconds(claims["iat"])
        valid_from_s = max(issued_s, _seconds(claims.get("nbf", issued_s)))
        if now_s >= expires_s or valid_from_s > now_s + CLOCK_SKEW_S or issued_s >= expires_s:
            raise ValueError("not valid now")
        if expires_s - issued_s > LIFETIME_MOST_S:
            raise ValueError("would live for too long")
        return expires_s


def _seconds(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not an integer time")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT_CHARACTERS or not value.isprintable():
        raise ValueError("not a text")
    return value


def _account(value: object) -> str:
    """The account, as events name it."""
    text = _text(value)
    if not _ACCOUNT.fullmatch(text):
        raise ValueError("not an account")
    return text


def _audiences(value: object) -> list[str]:
    """Whom a token is for: a text, or a list of texts."""
    audiences = value if isinstance(value, list) else [value]
    if len(audiences) > MAX_AUDIENCES:
        raise ValueError("too many audiences")
    return [_text(audience) for audience in audiences]


def _person(value: object) -> UUID:
    text = _text(value)
    person = UUID(text)
    if str(person) != text:
        raise ValueError("not a canonical UUID")
    return person


def _institution(value: object) -> str:
    text = _text(value)
    if canonical_credit_code(text) != text:
        raise ValueError("not a canonical credit code")
    return text


def _areas(value: object) -> frozenset[str]:
    if not isinstance(value, list) or len(value) > MAX_AREAS:
        raise ValueError("not a list of areas")
    if not all(isinstance(area, str) and area in AREAS for area in value):
        raise ValueError("not an area of the city")
    return frozenset(value)


def _principal(claims: Mapping[str, Any]) -> Principal:
    """The claims' principal; each role must bring the scope that it cannot act without."""
    principal = Principal(
        account=_account(claims["sub"]),
        person_id=_person(claims["person"]) if "person" in claims else None,
        role=Role(_text(claims["role"])),
        institution=_institution(claims["institution"]) if "institution" in claims else None,
        areas=_areas(claims["areas"]) if "areas" in claims else frozenset(),
        issuer=claims["iss"],
    )
    if principal.role in {Role.WORKER, Role.OFFICER, Role.FINANCE} and principal.person_id is None:
        raise ValueError("a person is needed")
    if principal.role in {Role.INSTITUTION, Role.BODY} and principal.institution is None:
        raise ValueError("an institution is needed")
    if principal.role is Role.OFFICER and not principal.areas:
        raise ValueError("areas are needed")
    return principal
