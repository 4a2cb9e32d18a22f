"""How payouts move their voucher on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.voucher.payout_facts.domain import KnownPayout, PayoutStage
from services.voucher.vouchers.domain import VoucherAction, VoucherFacts, VoucherState


@dataclass(frozen=True, slots=True)
class ReturnedPayout:
    """News of a payout that came to nothing; `code` says why."""

    voucher_id: UUID
    payout_id: UUID
    code: str


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
    voucher: VoucherFacts, known: Sequence[KnownPayout], returned: Sequence[ReturnedPayout] = ()
) -> PayoutStep | None:
    """The next edge, given all that is known of the voucher's payouts, in whatever order; None when it has caught up.

    Payouts of one voucher follow one another, but their events may overtake: that the second was opened, or even paid,
    may arrive before that the first was rejected. So the voucher settles with one payout until that one is returned.
    A payout that is `returned` although the voucher does not settle with it was opened as rejected.
    """
    if voucher.status is VoucherState.CERTIFIED:
        for payout in returned:
            return PayoutStep(VoucherAction.BACK, payout.payout_id, payout.code)
        waiting = [payout.payout_id for payout in known if payout.stage is not PayoutStage.RETURNED]
        return PayoutStep(VoucherAction.SETTLE, min(waiting)) if waiting else None
    present = next((payout for payout in known if payout.payout_id == voucher.payout_id), None)
    if present is None or present.stage is PayoutStage.OPENED:
        return None
    if voucher.status is VoucherState.SETTLING:
        action = VoucherAction.BACK if present.stage is PayoutStage.RETURNED else VoucherAction.REDEEM
        return PayoutStep(action, present.payout_id, present.code)
    if voucher.status is VoucherState.REDEEMED and present.stage in (PayoutStage.REVERSED, PayoutStage.DEBT_SETTLED):
        return PayoutStep(VoucherAction.CLAW_BACK, present.payout_id)
    return None
