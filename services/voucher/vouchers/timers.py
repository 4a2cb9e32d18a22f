"""What the clock does to vouchers that wait."""

from services.voucher.vouchers.service import expire_vouchers, lapse_vouchers
from shared.messaging import Timer

TIMERS = [Timer("voucher.expire", expire_vouchers), Timer("voucher.lapse", lapse_vouchers)]
