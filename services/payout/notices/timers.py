"""What the clock does to published payouts."""

from services.payout.notices.service import clear_payouts
from shared.messaging import Timer

TIMERS = [Timer("payout.clear_notice", clear_payouts)]
