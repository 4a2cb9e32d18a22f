"""Presence codes: for 60 seconds, the holder stands at one institution with one voucher (DOMAIN §5)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.fields import CreditCode, SkillCode
from shared.kernel.errors import Conflict, DomainError, Invalid
from shared.security.keys import KeySet, SigningKey
from shared.security.signatures import sign_jws, verify_jws

PRESENCE_TYP = "presence+jwt"
LIFETIME_S = 60
MAX_CODE_BYTES = 2_048


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


def _not_nil(value: UUID) -> UUID:
    if value.int in (0, 2**128 - 1):
        raise ValueError("nobody and nothing has such an id")
    return value


_Id = Annotated[UUID, AfterValidator(_not_nil)]
_CHECKED = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PaymentMandate(BaseModel):
    """The holder's mandate (委托代领, D5): under `id`, the organisation `payee_id` is paid in their place."""

    model_config = _CHECKED

    id: _Id
    payee_id: CreditCode


class PresenceCode(BaseModel):
    """What a code says. `jti` is used once, training keeps it unique; `expires_at` is real time, UTC."""

    model_config = _CHECKED

    voucher_id: _Id
    person_id: _Id
    skill_code: SkillCode
    level: Annotated[int, Field(strict=True, ge=0, le=5)]
    institution: CreditCode
    jti: _Id
    expires_at: AwareDatetime
    mandate: PaymentMandate | None = None
    """Given by the holder with this code; without it they are paid themselves."""

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
        return cls(
            voucher_id=voucher_id,
            person_id=person_id,
            skill_code=skill_code,
            level=level,
            institution=institution,
            jti=uuid4(),
            expires_at=expires_at,
            mandate=mandate,
        )


def _payload(code: PresenceCode) -> dict[str, Any]:
    return {
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


def sign_presence_code(code: PresenceCode, key: SigningKey) -> str:
    """The code's text, as the holder shows it."""
    return sign_jws(_payload(code), key, typ=PRESENCE_TYP)


def read_presence_code(text: str, keys: KeySet, *, at: datetime) -> PresenceCode:
    """The code that `text` is at `at`, the database's own time.

    `PresenceCodeInvalid` if it is none, says anything that no code of ours says, or claims to live longer than any;
    `PresenceCodeExpired` if it is late.
    """
    try:
        payload = verify_jws(text, keys, types={PRESENCE_TYP}, max_bytes=MAX_CODE_BYTES)
        code = _code(payload)
        exact = _payload(code) == payload and type(payload["exp"]) is int
    except (DomainError, ValueError, TypeError, KeyError, OverflowError, OSError):
        raise PresenceCodeInvalid from None
    if not exact or code.expires_at > at + timedelta(seconds=2 * LIFETIME_S):
        raise PresenceCodeInvalid
    if at >= code.expires_at:
        raise PresenceCodeExpired
    return code


def _code(payload: dict[str, Any]) -> PresenceCode:
    mandated = payload["mandate"] is not None
    return PresenceCode(
        voucher_id=payload["voucher"],
        person_id=payload["person"],
        skill_code=payload["skill_code"],
        level=payload["level"],
        institution=payload["institution"],
        jti=payload["jti"],
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        mandate=PaymentMandate(id=payload["mandate"], payee_id=payload["payee"]) if mandated else None,
    )
