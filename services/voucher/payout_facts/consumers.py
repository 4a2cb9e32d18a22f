"""What payout says of the payouts of vouchers. Those without a voucher (assessment, hiring, placement) are left out."""

from collections.abc import Sequence

from services.voucher.payout_facts.domain import PayoutStage
from services.voucher.payout_facts.service import PayoutNews, keep_payouts
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

STAGES: dict[type[PayoutEvent], PayoutStage] = {
    PayoutOpenedV1: PayoutStage.OPENED,
    PayoutRejectedV1: PayoutStage.RETURNED,
    PayoutWithdrawnV1: PayoutStage.RETURNED,
    PayoutPaidV1: PayoutStage.PAID,
    PayoutReversedV1: PayoutStage.REVERSED,
    PayoutDebtSettledV1: PayoutStage.DEBT_SETTLED,
}
"""How far each event says that its payout has come."""


async def on_payout_moved(uow: UnitOfWork, events: Sequence[PayoutEvent]) -> None:
    """A payout was opened, given back, paid or taken back."""
    news = [
        PayoutNews(
            event.voucher_id,
            event.id,
            STAGES[type(event)],
            event.version,
            event.business_at,
            getattr(event, "code", None),
            final=getattr(event, "final", False),
        )
        for event in events
        if event.voucher_id is not None
    ]
    await keep_payouts(uow, news)


HANDLERS: Handlers = dict.fromkeys(STAGES, on_payout_moved)
