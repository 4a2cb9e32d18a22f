"""What the clock does to batches: send what was released, settle what was answered."""

from services.payout.payment_batches.service import send_released, settle_payment_batches
from shared.messaging import Timer

TIMERS = [Timer("payout.send", send_released), Timer("payout.settle_batches", settle_payment_batches)]
