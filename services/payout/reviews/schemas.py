"""Lists to decide on."""

from services.payout.decisions.schemas import DecidePayoutsRow
from shared.contracts.fields import Code


class RejectPayoutsRow(DecidePayoutsRow):
    """One payout to refuse, and why."""

    reason_code: Code
    final: bool = False
    """Whether nothing will be paid for the voucher (不予兑现), as two decide; otherwise it may be corrected."""
