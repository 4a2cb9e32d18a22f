"""What payout says moves the voucher on. It is kept before, as a fact."""

from collections.abc import Sequence

from services.voucher.settlement.domain import ReturnedPayout
from services.voucher.settlement.service import follow_payouts
from shared.contracts.payout import (
    PayoutDebtSettledV1,
    PayoutEvent,
    PayoutOpenedV1,
    PayoutPaidV1,
    PayoutRejectedV1,
    PayoutReversedV1,
    PayoutWithdrawnV1,
)
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_payout_moved(uow: UnitOfWork, events: Sequence[PayoutEvent]) -> None:
    """A payout came further: its voucher follows."""
    await follow_payouts(uow, {event.voucher_id for event in events if event.voucher_id is not None})


async def on_payout_returned(uow: UnitOfWork, events: Sequence[PayoutRejectedV1 | PayoutWithdrawnV1]) -> None:
    """A payout came to nothing: its voucher is certified again, or is so still, or lapses (R2)."""
    returned = [
        ReturnedPayout(event.voucher_id, event.id, event.code, final=getattr(event, "final", False))
        for event in events
        if event.voucher_id is not None
    ]
    await follow_payouts(uow, {payout.voucher_id for payout in returned}, returned)


HANDLERS: Handlers = {
    PayoutOpenedV1: on_payout_moved,
    PayoutPaidV1: on_payout_moved,
    PayoutReversedV1: on_payout_moved,
    PayoutDebtSettledV1: on_payout_moved,
    PayoutRejectedV1: on_payout_returned,
    PayoutWithdrawnV1: on_payout_returned,
}
