"""What the clock does to confirmed reports."""

from services.payout.bank_reports.service import apply_bank_reports
from shared.messaging import Timer

TIMERS = [Timer("payout.apply_bank_reports", apply_bank_reports)]
