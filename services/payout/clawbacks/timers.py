"""What the clock does to debts."""

from services.payout.clawbacks.service import lapse_clawbacks
from shared.messaging import Timer

TIMERS = [Timer("payout.lapse_clawbacks", lapse_clawbacks)]
