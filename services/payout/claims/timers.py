"""What the clock does to opened payouts."""

from services.payout.claims.service import check_payouts
from shared.messaging import Timer

TIMERS = [Timer("payout.check", check_payouts)]
