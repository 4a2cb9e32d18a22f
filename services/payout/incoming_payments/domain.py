"""Money that came in: one reference of the bank counts once, and never beyond its amount (R4)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.kernel.errors import Conflict, NotFound


class IncomingPaymentNotFound(NotFound):
    """No such incoming payment."""

    code = "incoming_payment_not_found"
    zh, en = "未找到该到账记录", "There is no such incoming payment."


class IncomingPaymentUsed(Conflict):
    """All of this money is matched already."""

    code = "incoming_payment_used"
    policy = "R4"
    zh, en = "该到账款项已全部核销", "All of this incoming payment has been matched."


class IncomingPaymentExists(Conflict):
    """The bank's reference is recorded already: one payment counts once."""

    code = "incoming_payment_exists"
    policy = "R4"
    zh, en = "该银行流水号已登记", "An incoming payment with this bank reference is recorded already."


@dataclass(frozen=True, slots=True)
class IncomingFacts:
    """Money that came to the fund's account, by the bank's reference; `matched_fen` of it is some debt's."""

    id: UUID
    reference: str
    amount_fen: int
    matched_fen: int
    received_on: date
    recorded_by: UUID | None

    @property
    def free_fen(self) -> int:
        """What is not matched yet."""
        return self.amount_fen - self.matched_fen
