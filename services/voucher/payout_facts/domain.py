"""How far a payout has come, as far as its voucher is concerned."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PayoutStage(StrEnum):
    """How far a payout has come, as far as its voucher is concerned."""

    OPENED = "opened"
    RETURNED = "returned"
    PAID = "paid"
    REVERSED = "reversed"
    DEBT_SETTLED = "debt_settled"


@dataclass(frozen=True, slots=True)
class KnownPayout:
    """The last that was received of one payout of a voucher. `code` says why it was returned."""

    payout_id: UUID
    stage: PayoutStage
    code: str | None = None
    final: bool = False
