"""What finance says of batches, and how they are shown."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.payout.payment_batches.domain import MOST_PAYOUTS, BatchState
from services.payout.payment_batches.service import Built
from shared.http import Body, View
from shared.http.bulk import RowError


class BatchRequest(Body):
    """The fund to pay from, and which payouts; without `payout_ids` all that may be paid, at most 1,000."""

    fund_id: UUID
    payout_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PAYOUTS)] | None = None


class PaymentBatchView(View):
    """A batch: how many payouts and their sum, fen."""

    id: UUID
    fund_id: UUID
    area: str
    status: BatchState
    version: int
    count: int
    amount_fen: int
    created_at: datetime


class LeftOut(View):
    """A payout that is not on the batch, and why."""

    payout_id: UUID
    error: RowError


class BuiltBatchView(PaymentBatchView):
    """A batch that was just built."""

    refused: list[LeftOut]

    @classmethod
    def of(cls, built: Built) -> "BuiltBatchView":
        """The batch and what was left out of it."""
        refused = [
            LeftOut(payout_id=payout_id, error=RowError.of(why)) for payout_id, why in sorted(built.refused.items())
        ]
        return cls(**PaymentBatchView.model_validate(built.batch).model_dump(), refused=refused)


class BatchItemView(View):
    """One payout on a batch."""

    payout_id: UUID
    attempt: int


class PaymentBatchDetailView(PaymentBatchView):
    """A batch with what is on it."""

    items: list[BatchItemView]
