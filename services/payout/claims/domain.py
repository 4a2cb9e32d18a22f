"""Whether a payout opens, is created refused, or not at all (DOMAIN §3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from services.payout.certificate_facts.domain import Certificate, CertificateMissing, CertificateState
from services.payout.holds.domain import HoldSource
from services.payout.rates.domain import Rate, benefit_of
from services.payout.voucher_facts.domain import CertifiedVoucher
from shared.kernel.errors import Conflict

DEAD = (CertificateState.REVOKED, CertificateState.EXPIRED, CertificateState.SUPERSEDED)


class VoucherLapsed(Conflict):
    """Nothing is paid for this voucher any more: two officers decided so, or nobody claimed in time (R2)."""

    code = "voucher_lapsed"
    policy = "R2"
    zh, en = "该培训券已终止兑现,可重新申领", "Nothing is paid for this voucher any more; its holder may claim another."


class PayoutNotReopenable(Conflict):
    """An upheld objection opens the payout anew, and something else speaks against that by now (R2)."""

    code = "payout_not_reopenable"
    policy = "R2"
    zh, en = "该兑现现在不能重新办理:{reason}", "The payout cannot be opened anew by now: {reason}."


@dataclass(frozen=True, slots=True)
class OpeningRules:
    """The dated rules that openings live by."""

    second_approval_above_fen: int
    """Above this amount a second city officer approves (D25); a payout keeps the limit of the day of its opening."""
    eligibility_fresh_days: int
    """How old the verdict on eligibility may be when a payout opens (DOMAIN §3)."""


@dataclass(frozen=True, slots=True)
class OpeningHold:
    """A hold under which a payout opens."""

    source: HoldSource
    source_id: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The decision: opened, with the holds that stand from the first moment, or refused with a code."""

    voucher: CertifiedVoucher
    certificate: Certificate
    rate: Rate | None
    refusal: str | None = None
    holds: Sequence[OpeningHold] = field(default=())

    @property
    def benefit_key(self) -> tuple[str, int, str, str]:
        """What a person has once: skill, level, benefit and occasion (§二(二)5, R7)."""
        said = self.certificate
        return said.skill_code, said.level, benefit_of(self.voucher.programme), said.occasion

    def columns(self) -> dict[str, object]:
        """What the payout owes to whom. The amount is the rate's and nobody's input (DOMAIN §4, 5)."""
        voucher, rate = self.voucher, self.rate
        skill_code, level, benefit, occasion = self.benefit_key
        payee_kind, payee_id = voucher.payee()
        return {
            "voucher_id": voucher.id,
            "person_id": voucher.person_id,
            "certificate_id": self.certificate.id,
            "skill_code": skill_code,
            "level": level,
            "benefit": benefit,
            "occasion": occasion,
            "programme": voucher.programme,
            "fund_source": voucher.fund_source,
            "area": voucher.area,
            "institution": voucher.institution,
            "payee_kind": payee_kind,
            "payee_id": payee_id,
            "mandate_id": voucher.mandate_id,
            "rate_id": rate.id if rate else None,
            "amount_fen": rate.amount_fen if rate else 0,
            "eligibility_decided_on": voucher.eligibility_decided_on,
            "code": None,
        }


NOT_PAID = ("suspended", "removed")
"""An institution that stands so is paid nothing; a worker who learned there is (DOMAIN §3)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What else the decision reads: the rules, and what stands against the payout at this moment."""

    fresh_on: date
    """The day on which the verdict on eligibility was to be fresh."""
    fresh_days: int
    fund_source_allowed: bool
    institutions: Mapping[str, str]
    """How the institutions of the voucher stand in the catalogue, by credit code."""
    voucher_holds: Sequence[OpeningHold]


def check_certificate(
    voucher: CertifiedVoucher | None, certificates: Mapping[UUID, Certificate]
) -> tuple[CertifiedVoucher, Certificate]:
    """无证无价: the voucher and its verified certificate of one person, skill, level and occasion, or
    `CertificateMissing`."""
    certificate = certificates.get(voucher.certificate_id) if voucher else None
    if voucher is None or certificate is None or not certificate.verified:
        raise CertificateMissing
    if not certificate.fits(voucher.person_id, voucher.skill_code, voucher.level, voucher.occasion):
        raise CertificateMissing
    return voucher, certificate


def decide_opening(
    voucher: CertifiedVoucher, certificate: Certificate, rate: Rate | None, standing: Standing
) -> Opening:
    """Open or refuse, for a certificate that is there.

    Eligibility is judged again at the payout: ineligible is refused, unknown or stale holds and never passes
    (DOMAIN §5); what is suspended opens held, and what comes from an institution that was
    never in the catalogue. One that left it since holds only what it would itself be paid.
    """
    refusal = None
    if voucher.cancelled:
        refusal = "voucher_cancelled"
    elif certificate.status in DEAD:
        refusal = f"certificate_{certificate.status}"
    elif voucher.eligibility == "ineligible":
        refusal = "ineligible"
    elif rate is None:
        refusal = "rate_missing"
    elif not standing.fund_source_allowed:
        refusal = "fund_source_not_allowed"
    if refusal is not None:
        return Opening(voucher, certificate, rate, refusal)
    return Opening(voucher, certificate, rate, holds=tuple(_holds(voucher, certificate, standing)))


def _holds(voucher: CertifiedVoucher, certificate: Certificate, standing: Standing) -> Sequence[OpeningHold]:
    holds = list(standing.voucher_holds)
    oldest = standing.fresh_on - timedelta(days=standing.fresh_days)
    if voucher.eligibility != "eligible":
        holds.append(OpeningHold(HoldSource.ELIGIBILITY, str(voucher.id), "eligibility_unknown"))
    elif voucher.eligibility_decided_on < oldest:
        holds.append(OpeningHold(HoldSource.ELIGIBILITY, str(voucher.id), "eligibility_stale"))
    if certificate.status is CertificateState.SUSPENDED:
        holds.append(OpeningHold(HoldSource.CERTIFICATE, str(certificate.id), "certificate_suspended"))
    _, payee_id = voucher.payee()
    if standing.institutions.get(payee_id) in NOT_PAID:
        holds.append(OpeningHold(HoldSource.INSTITUTION, payee_id, f"institution_{standing.institutions[payee_id]}"))
    if standing.institutions.get(voucher.institution, "applied") == "applied":
        holds.append(OpeningHold(HoldSource.INSTITUTION, voucher.institution, "institution_not_listed"))
    return holds
