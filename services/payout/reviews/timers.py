"""What the clock does about payouts that wait for an office."""

from services.payout.reviews.service import alarm_late
from shared.messaging import Timer

TIMERS = [Timer("payout.alarm_work", alarm_late)]
