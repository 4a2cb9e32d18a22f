"""What the clock does to payouts that wait for money, or for a cause to go away."""

from services.payout.claims.service import check_payouts, judge_again
from shared.messaging import Timer

TIMERS = [Timer("payout.check", check_payouts), Timer("payout.judge_again", judge_again)]
