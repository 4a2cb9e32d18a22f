"""What a certificate must say to make a voucher payable (DOMAIN §3, certify and void_uncertified)."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.voucher.vouchers.domain import (
    VOUCHER,
    NotTheHolder,
    SkillDiffers,
    VoucherAction,
    VoucherAlreadyLive,
    VoucherFacts,
)
from shared.kernel.errors import Conflict


class CertificateContradicts(Conflict):
    """The signed certificate says something else than the event that carried it, or than the voucher."""

    code = "certificate_contradicts"
    policy = "§二(二)7"
    zh, en = "证书内容不一致:{part}", "The certificate says something else: {part}."


class CompletionMissing(Conflict):
    """The certificate does not say when training was completed or skill assessed."""

    code = "completion_missing"
    policy = "§二(二)7"
    zh, en = "证书缺少结业或评价日期", "The certificate lacks the date of completion or of assessment."


class AssessedBeforeCompletion(Conflict):
    """The assessment came before the end of the training, so the training did not lead to it."""

    code = "assessed_before_completion"
    policy = "§二(二)7"
    zh, en = "评价日期早于结业日期", "The assessment was before the completion of the training."


class CertifiedTooLate(Conflict):
    """Issued later than D21 allows after the end of the class."""

    code = "certified_too_late"
    policy = "D21"
    zh, en = "取证超过规定期限", "The certificate was issued too late after the class."


class CertificateUsed(Conflict):
    """Another voucher was certified by this certificate; each is consumed once (A5)."""

    code = "certificate_used"
    policy = "§二(二)7"
    zh, en = "该证书已用于另一张培训券", "The certificate serves another voucher already."


@dataclass(frozen=True, slots=True)
class CertificationRules:
    """The dated rules of certification (D21)."""

    void_after_days: int


@dataclass(frozen=True, slots=True)
class CertifyRequest:
    """A certificate names a voucher. All but `jws` is what the event says; the signature must say the same."""

    voucher_id: UUID
    certificate_id: UUID
    person_id: UUID
    skill_code: str
    level: int
    act: str
    occasion: str
    enrolment_id: UUID | None
    assessed_on: date | None
    completed_on: date | None
    issued_on: date
    jws: str


def certifiable_until(voucher: VoucherFacts, void_after_days: int) -> date:
    """The last day on which a certificate may be issued for the class (D21), or after a revocation (R3)."""
    if voucher.ends_on is None:
        raise ValueError("a voucher that can be certified has a class")
    by_class = voucher.ends_on + timedelta(days=void_after_days)
    return by_class if voucher.certify_by is None else max(by_class, voucher.certify_by)


def check_certify(
    voucher: VoucherFacts, request: CertifyRequest, rules: CertificationRules, *, live_elsewhere: bool = False
) -> None:
    """Certify: same person, skill, level, occasion and enrolment; assessed after completion; issued in time.

    A hold does not stop it: the certificate is a fact already true elsewhere. Its signature and that no other voucher
    uses it are checked beside this.
    """
    VOUCHER.decide(voucher.status, VoucherAction.CERTIFY)
    if voucher.person_id != request.person_id:
        raise NotTheHolder
    if (voucher.skill_code, voucher.level) != (request.skill_code, request.level):
        raise SkillDiffers
    if voucher.occasion != request.occasion:
        raise CertificateContradicts(part="occasion")
    if request.enrolment_id is not None and request.enrolment_id != voucher.enrolment_id:
        raise CertificateContradicts(part="enrolment_id")
    if request.completed_on is None or request.assessed_on is None:
        raise CompletionMissing
    if request.assessed_on < request.completed_on:
        raise AssessedBeforeCompletion
    if request.issued_on > certifiable_until(voucher, rules.void_after_days):
        raise CertifiedTooLate
    if live_elsewhere:
        raise VoucherAlreadyLive
