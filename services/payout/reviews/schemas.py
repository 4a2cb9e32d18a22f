"""Lists to decide on."""

from uuid import UUID

from shared.contracts.fields import Code
from shared.http import Body


class DecidePayoutsRow(Body):
    """One payout to decide on."""

    payout_id: UUID


class RejectPayoutsRow(DecidePayoutsRow):
    """One payout to refuse, and why."""

    reason_code: Code
    final: bool = False
    """Whether nothing will be paid for the voucher (不予兑现), as two decide; otherwise it may be corrected."""
