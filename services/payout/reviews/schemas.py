"""Lists to decide on."""

from uuid import UUID

from shared.contracts.fields import Code
from shared.http import Body


class PayoutRow(Body):
    """One payout of a list to decide on."""

    payout_id: UUID


class PayoutRejectionRow(PayoutRow):
    """One payout and why it is refused."""

    reason_code: Code
