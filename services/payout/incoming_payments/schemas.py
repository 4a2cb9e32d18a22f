"""What finance says of money that came in, and how it is shown."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.http import Body, View
from shared.kernel.money import MAX_FEN


class RecordIncomingPaymentRequest(Body):
    """Money that came to the account, as the bank's list shows it."""

    reference: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z./-]{0,63}$")]
    """The bank's own reference, unique."""
    amount_fen: Annotated[int, Field(strict=True, ge=1, le=MAX_FEN)]
    received_on: date
    """The day on which the bank booked it."""


class IncomingPaymentView(View):
    """Money that came in; no payer is named."""

    id: UUID
    reference: str
    """The bank's own reference, unique."""
    amount_fen: int
    matched_fen: int
    """What of it is counted for some debt, in fen."""
    received_on: date
    """The day on which the bank booked it."""
