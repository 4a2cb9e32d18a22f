"""What the clock does to accounts."""

from services.payout.accounts.service import retire_superseded
from shared.messaging import Timer

TIMERS = [Timer("payout.retire_accounts", retire_superseded)]
