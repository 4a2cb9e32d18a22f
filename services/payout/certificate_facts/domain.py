"""What payout knows of a certificate: what its signature says, and what status evaluation last stated."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import Conflict


class CertificateState(StrEnum):
    """As evaluation states it. Only `valid` is paid; `revoked` is final."""

    IMPORTED = "imported"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class CertificateMissing(Conflict):
    """无证无价: no verified certificate equal in person, skill, level and occasion, no payout."""

    code = "certificate_missing"
    policy = "§二(二)7"
    zh, en = "没有经验证的、人员职业等级一致的证书,不予兑现", "Without a verified certificate nothing is paid."


class CertificateNotValid(Conflict):
    """The certificate is not valid at this moment, read under lock."""

    code = "certificate_not_valid"
    policy = "§二(二)7"
    zh, en = "证书当前状态为 {status},不得支付", "The certificate is {status}; nothing is paid on it."


class CertificateUnverified(Conflict):
    """The stored text is not a signature by a pinned key over what the stored row says."""

    code = "certificate_unverified"
    policy = "§二(二)7"
    zh, en = "证书副本签名核验不通过,已冻结", "The stored certificate does not verify; the payout is held."


@dataclass(frozen=True, slots=True)
class Certificate:
    """Our own copy of a certificate with its status now; `verified` is a fresh verdict on the stored signature.

    `priced_on` is the day of assessment, or that of issue where no day of assessment is known (DOMAIN §4, 5).
    """

    id: UUID
    person_id: UUID
    skill_code: str
    level: int
    kind: str
    act: str
    occasion: str
    priced_on: date
    status: CertificateState | None
    verified: bool

    def fits(self, person_id: UUID, skill_code: str, level: int, occasion: str) -> bool:
        """Whether it is of this person, skill and level, for this occasion (R7)."""
        said = (self.person_id, self.skill_code, self.level, self.occasion)
        return said == (person_id, skill_code, level, occasion)

    def check_valid(self) -> None:
        """Raise `CertificateUnverified` or `CertificateNotValid` unless it may be paid on now."""
        if not self.verified:
            raise CertificateUnverified
        if self.status is not CertificateState.VALID:
            raise CertificateNotValid(status=self.status or "unknown")
