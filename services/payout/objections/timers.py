"""What the clock does about objections that wait."""

from services.payout.objections.service import alarm_overdue
from shared.messaging import Timer

TIMERS = [Timer("payout.alarm_objections", alarm_overdue)]
"""Decided by officers; the clock says when they are late."""
