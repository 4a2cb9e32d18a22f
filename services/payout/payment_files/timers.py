"""What the clock does to batches that go by a file."""

from services.payout.payment_files.service import write_payment_files
from shared.messaging import Timer

TIMERS = [Timer("payout.write_payment_files", write_payment_files)]
