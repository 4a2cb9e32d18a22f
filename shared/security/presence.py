"""Presence codes: for 60 seconds, the holder stands at one institution with one voucher (DOMAIN §5)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from shared.kernel.errors import Conflict, DomainError, Invalid
from shared.security.keys import KeySet, SigningKey
from shared.security.signatures import sign_jws, verify_jws

PRESENCE_TYP = "presence+jwt"
LIFETIME_S = 60
MAX_CODE_BYTES = 2_048
FIELDS = {"voucher", "person", "skill_code", "level", "institution", "mandate", "payee", "jti", "exp"}


class PresenceCodeInvalid(Invalid):
    """The text is no presence code of ours."""

    code = "presence_code_invalid"
    policy = "§二(二)7"
    zh, en = "出示码无效", "The presence code is not valid."


class PresenceCodeExpired(Conflict):
    """The code was shown too late; the holder asks for another."""

    code = "presence_code_expired"
    policy = "§二(二)7"
    zh, en = "出示码已过期,请持券人重新生成", "The presence code has expired; the holder must show a new one."


@dataclass(frozen=True, slots=True)
class PaymentMandate:
    """The holder's mandate (委托代领, D5): under `id`, the organisation `payee_id` is paid in his place."""

    id: UUID
    payee_id: str


@dataclass(frozen=True, slots=True)
class PresenceCode:
    """What a code says. `jti` is used once, training keeps it unique; `expires_at` is real time, UTC."""

    voucher_id: UUID
    person_id: UUID
    skill_code: str
    level: int
    institution: str
    jti: UUID
    expires_at: datetime
    mandate: PaymentMandate | None = None
    """Given by the holder with this code; without it he is paid himself."""

    @classmethod
    def new(
        cls,
        *,
        voucher_id: UUID,
        person_id: UUID,
        skill_code: str,
        level: int,
        institution: str,
        at: datetime,
        mandate: PaymentMandate | None = None,
    ) -> "PresenceCode":
        """A code that lives for 60 seconds from `at`, the database's own time (`uow.recorded_at`)."""
        expires_at = at.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=LIFETIME_S)
        return cls(voucher_id, person_id, skill_code, level, institution, uuid4(), expires_at, mandate)


def sign_presence_code(code: PresenceCode, key: SigningKey) -> str:
    """The code's text, as the holder shows it."""
    payload = {
        "voucher": str(code.voucher_id),
        "person": str(code.person_id),
        "skill_code": code.skill_code,
        "level": code.level,
        "institution": code.institution,
        "mandate": str(code.mandate.id) if code.mandate else None,
        "payee": code.mandate.payee_id if code.mandate else None,
        "jti": str(code.jti),
        "exp": int(code.expires_at.timestamp()),
    }
    return sign_jws(payload, key, typ=PRESENCE_TYP)


def read_presence_code(text: str, keys: KeySet, *, at: datetime) -> PresenceCode:
    """The code that `text` is at `at`, the database's own time.

    `PresenceCodeInvalid` if it is none or claims to live longer than any code; `PresenceCodeExpired` if it is late.
    """
    try:
        code = _read(text, keys)
    except (DomainError, ValueError, TypeError, AttributeError, KeyError, OverflowError, OSError):
        raise PresenceCodeInvalid from None
    if code.expires_at > at + timedelta(seconds=2 * LIFETIME_S):
        raise PresenceCodeInvalid
    if at >= code.expires_at:
        raise PresenceCodeExpired
    return code


def _read(text: str, keys: KeySet) -> PresenceCode:
    payload = verify_jws(text, keys, typ=PRESENCE_TYP, max_bytes=MAX_CODE_BYTES)
    if payload.keys() != FIELDS:
        raise ValueError("fields")
    level, expires_s = payload["level"], payload["exp"]
    if type(level) is not int or type(expires_s) is not int:
        raise TypeError("integers")
    if not isinstance(payload["skill_code"], str) or not isinstance(payload["institution"], str):
        raise TypeError("texts")
    return PresenceCode(
        voucher_id=UUID(payload["voucher"]),
        person_id=UUID(payload["person"]),
        skill_code=payload["skill_code"],
        level=level,
        institution=payload["institution"],
        jti=UUID(payload["jti"]),
        expires_at=datetime.fromtimestamp(expires_s, UTC),
        mandate=_mandate(payload["mandate"], payload["payee"]),
    )


def _mandate(mandate_id: object, payee_id: object) -> PaymentMandate | None:
    if mandate_id is None and payee_id is None:
        return None
    if not isinstance(mandate_id, str) or not isinstance(payee_id, str):
        raise TypeError("a mandate and its payee")
    return PaymentMandate(UUID(mandate_id), payee_id)
