"""What finance says of batches, and how they are shown."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.payout.bank.domain import BankChannel
from services.payout.payment_batches.domain import PAYOUTS_MOST, PaymentBatchState
from services.payout.payment_batches.service import Built
from shared.http import Body, View
from shared.http.bulk import RowError


class BuildPaymentBatchRequest(Body):
    """The fund to pay from, and which payouts."""

    fund_id: UUID
    payout_ids: Annotated[list[UUID], Field(min_length=1, max_length=PAYOUTS_MOST)] | None = None
    """The payouts to pay; null for all that may be paid from the fund, at most 1,000."""
    channel: BankChannel = BankChannel.HTTP
    """By which way the batch reaches the bank: by calls, or in a file that finance takes there."""


class PaymentBatchView(View):
    """A list of payouts of one fund that are paid together."""

    id: UUID
    fund_id: UUID
    area: str
    status: PaymentBatchState
    version: int
    count: int
    """How many payouts are on it."""
    amount_fen: int
    """Their sum, in fen."""
    needs_second_release: bool
    """Whether two finance officers release it."""
    channel: BankChannel
    """By which way the batch reaches the bank."""
    endorsed: bool
    """Whether the first of the two has."""
    created_at: datetime


class LeftOutPayoutView(View):
    """A payout that is not on the batch, and why."""

    payout_id: UUID
    error: RowError


class BuiltPaymentBatchView(PaymentBatchView):
    """A batch that was just built."""

    refused: list[LeftOutPayoutView]
    """Payouts that were left out."""

    @classmethod
    def of(cls, built: Built) -> "BuiltPaymentBatchView":
        """The batch and what was left out of it."""
        refused = [
            LeftOutPayoutView(payout_id=payout_id, error=RowError.of(why))
            for payout_id, why in sorted(built.refused.items())
        ]
        return cls(**PaymentBatchView.model_validate(built.batch).model_dump(), refused=refused)


class PaymentBatchItemView(View):
    """One payout on a batch."""

    payout_id: UUID
    attempt: int
    """Which attempt at paying it, from 1; a new one only after the bank refused."""


class PaymentBatchDetailView(PaymentBatchView):
    """A batch with what is on it."""

    items: list[PaymentBatchItemView]
    """The payouts on it."""
