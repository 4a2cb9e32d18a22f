"""How payouts move their voucher on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.voucher.payout_facts.domain import KnownPayout, PayoutStage
from services.voucher.vouchers.domain import VoucherAction, VoucherFacts, VoucherState

PAID_MEANWHILE = (VoucherState.IN_USE, VoucherState.VOID_UNCERTIFIED, VoucherState.LAPSED)
WAS_PAID = (PayoutStage.PAID, PayoutStage.REVERSED, PayoutStage.DEBT_SETTLED)


@dataclass(frozen=True, slots=True)
class ReturnedPayout:
    """News of a payout that came to nothing; `code` says why."""

    voucher_id: UUID
    payout_id: UUID
    code: str
    final: bool = False
    """Whether two officers decided that nothing will be paid (不予兑现, R2)."""


@dataclass(frozen=True, slots=True)
class PayoutStep:
    """The next edge that a voucher takes for a payout."""

    action: VoucherAction
    payout_id: UUID
    code: str | None = None

    @property
    def payout_afterwards(self) -> UUID | None:
        """Which payout the voucher stands with after the step."""
        return None if self.action in (VoucherAction.BACK, VoucherAction.LAPSE) else self.payout_id

    @property
    def details(self) -> dict[str, object]:
        """What the step's event says besides."""
        if self.action is VoucherAction.BACK:
            return {"payout_id": self.payout_id, "code": self.code}
        return {"code": self.code} if self.action is VoucherAction.LAPSE else {}


def next_payout_step(
    voucher: VoucherFacts,
    known: Sequence[KnownPayout],
    returned: Sequence[ReturnedPayout] = (),
    *,
    revoked: bool = False,
) -> PayoutStep | None:
    """The next edge, given all that is known of the voucher's payouts, in whatever order; None when it has caught up.

    Payouts of one voucher follow one another, but their events may overtake: that the second was opened, or even paid,
    may arrive before that the first was rejected. So the voucher settles with one payout until that one is returned.
    A payout that is `returned` although the voucher does not settle with it was opened as rejected. One that is
    returned while the voucher's certificate is `revoked` uncertifies it (R3). That money was paid counts whatever came
    of the voucher meanwhile.
    """
    if voucher.status is VoucherState.CERTIFIED:
        for payout in returned:
            action = VoucherAction.LAPSE if payout.final else VoucherAction.BACK
            return PayoutStep(action, payout.payout_id, payout.code)
        waiting = [payout.payout_id for payout in known if payout.stage is not PayoutStage.RETURNED]
        return PayoutStep(VoucherAction.SETTLE, min(waiting)) if waiting else None
    if voucher.status in PAID_MEANWHILE:
        paid = [payout.payout_id for payout in known if payout.stage in WAS_PAID]
        return PayoutStep(VoucherAction.REDEEM, min(paid)) if paid else None
    present = next((payout for payout in known if payout.payout_id == voucher.payout_id), None)
    if present is None or present.stage is PayoutStage.OPENED:
        return None
    if voucher.status is VoucherState.SETTLING:
        return PayoutStep(_end_of_settling(present, revoked=revoked), present.payout_id, present.code)
    if voucher.status is VoucherState.REDEEMED and present.stage in (PayoutStage.REVERSED, PayoutStage.DEBT_SETTLED):
        return PayoutStep(VoucherAction.CLAW_BACK, present.payout_id)
    return None


def _end_of_settling(payout: KnownPayout, *, revoked: bool) -> VoucherAction:
    if payout.stage is not PayoutStage.RETURNED:
        return VoucherAction.REDEEM
    if payout.final:
        return VoucherAction.LAPSE
    return VoucherAction.UNCERTIFY if revoked else VoucherAction.BACK
