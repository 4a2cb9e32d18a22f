"""What the clock does to vouchers that wait."""

from services.voucher.vouchers.service import (
    expire_vouchers,
    follow_deaths,
    lapse_cancellations,
    lapse_vouchers,
    warn_holders,
)
from shared.messaging import Timer

TIMERS = [
    Timer("voucher.follow_deaths", follow_deaths),
    Timer("voucher.expire", expire_vouchers),
    Timer("voucher.lapse", lapse_vouchers),
    Timer("voucher.lapse_cancellation", lapse_cancellations),
    Timer("voucher.warn", warn_holders),
]
