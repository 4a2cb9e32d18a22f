"""What payout knows of a voucher, and who is paid for it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.kernel.errors import Conflict


class VoucherFactsContradict(Conflict):
    """The event says something else of the voucher than the events by which it was claimed and bound (R26)."""

    code = "voucher_facts_contradict"
    policy = "R26"
    zh, en = (
        "培训券 {voucher_id} 的持证事件与申领、绑定事件不一致:{fields}",
        "What voucher {voucher_id} was certified for contradicts what it was claimed and bound for: {fields}.",
    )


@dataclass(frozen=True, slots=True)
class CertifiedVoucher:
    """A voucher that a certificate made payable, with a fresh verdict on the holder's eligibility."""

    id: UUID
    person_id: UUID
    programme: str
    fund_source: str
    skill_code: str
    level: int
    occasion: str
    area: str
    """The class's area, which is the responsible one (属地, §三(一))."""
    institution: str
    payee_kind: str
    payee_id: str
    mandate_id: UUID | None
    certificate_id: UUID
    eligibility: str
    eligibility_decided_on: date
    cancelled: bool
    lapsed: bool

    def payee(self) -> tuple[str, str]:
        """Who is paid: an organisation under the worker's signed mandate (委托代领), otherwise the worker (D5)."""
        if self.payee_kind != "worker" and self.mandate_id is not None:
            return self.payee_kind, self.payee_id
        return "worker", str(self.person_id)


@dataclass(frozen=True, slots=True)
class Death:
    """The register of deaths named the holder from `since`, business time, and took that back at `until`, if it did."""

    since: datetime
    until: datetime | None
