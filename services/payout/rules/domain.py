"""The rules by name, as they stand on one day."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """What DOMAIN §6 leaves to configuration, on one business date."""

    second_approval_above_fen: int
    """D25: above this a second city officer approves."""
    notice_working_days: int
    """D19: how long the public notice lasts."""
    account_cooling_off_hours: int
    """How long a new account waits after its second confirmation."""
    eligibility_fresh_days: int
    """How old the eligibility verdict may be when a payout opens."""
    bank_silence_hours: int
    """How long after it was given an instruction can still reach the bank; the database's own time."""
