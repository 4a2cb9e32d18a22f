"""How reports of returned money are shown."""

from datetime import datetime
from uuid import UUID

from shared.http import View


class MoneyReturnView(View):
    """What the bank reported of money that came back."""

    id: UUID
    reference: str
    """The bank's own reference, unique."""
    instruction_id: UUID
    payout_id: UUID
    amount_fen: int
    """What came back, in fen."""
    code: str
    """Why, by the bank."""
    taken: bool
    """Whether the payout went back by it; otherwise two officers look at it."""
    reported_at: datetime
    """When the bank reported it."""
    proposed_by: UUID | None
    """Who proposed to set it aside, by person; null if nobody did."""
    dismissed_at: datetime | None
    """When a second officer set it aside; null while it waits, or if it was taken."""
