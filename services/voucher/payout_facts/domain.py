"""How the payouts that were heard of move their voucher on."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.voucher.vouchers.domain import VoucherAction, VoucherFacts, VoucherStatus


class PayoutStage(StrEnum):
    """How far a payout has come, as far as its voucher is concerned."""

    OPENED = "opened"
    RETURNED = "returned"
    PAID = "paid"
    REVERSED = "reversed"
    DEBT_SETTLED = "debt_settled"


@dataclass(frozen=True, slots=True)
class PayoutHeard:
    """The last that was heard of one payout of a voucher. `code` says why it was returned."""

    payout_id: UUID
    stage: PayoutStage
    code: str | None = None


@dataclass(frozen=True, slots=True)
class PayoutStep:
    """The next edge that a voucher takes for a payout."""

    action: VoucherAction
    payout_id: UUID
    code: str | None = None

    @property
    def payout_afterwards(self) -> UUID | None:
        """Which payout the voucher stands with after the step."""
        return None if self.action is VoucherAction.BACK else self.payout_id

    @property
    def details(self) -> dict[str, object]:
        """What the step's event says besides."""
        return {"payout_id": self.payout_id, "code": self.code} if self.action is VoucherAction.BACK else {}


def next_payout_step(
    voucher: VoucherFacts, heard: Sequence[PayoutHeard], returned: PayoutHeard | None = None
) -> PayoutStep | None:
    """The next edge, given all that was heard of the voucher's payouts, in whatever order; None when it has caught up.

    Payouts of one voucher follow one another, but their events may overtake: the second may be heard opened, or even
    paid, before the first is heard rejected. So the voucher settles with one payout until that one is returned.
    `returned` is news of a payout that the voucher does not settle with: it was born rejected.
    """
    if voucher.status is VoucherStatus.CERTIFIED:
        if returned is not None:
            return PayoutStep(VoucherAction.BACK, returned.payout_id, returned.code)
        waiting = [payout.payout_id for payout in heard if payout.stage is not PayoutStage.RETURNED]
        return PayoutStep(VoucherAction.SETTLE, min(waiting)) if waiting else None
    present = next((payout for payout in heard if payout.payout_id == voucher.payout_id), None)
    if present is None or present.stage is PayoutStage.OPENED:
        return None
    if voucher.status is VoucherStatus.SETTLING:
        action = VoucherAction.BACK if present.stage is PayoutStage.RETURNED else VoucherAction.REDEEM
        return PayoutStep(action, present.payout_id, present.code)
    if voucher.status is VoucherStatus.REDEEMED and present.stage in (PayoutStage.REVERSED, PayoutStage.DEBT_SETTLED):
        return PayoutStep(VoucherAction.CLAW_BACK, present.payout_id)
    return None
