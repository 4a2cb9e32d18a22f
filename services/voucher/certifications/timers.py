"""What the clock does to vouchers in use."""

from services.voucher.certifications.service import void_uncertified
from shared.messaging import Timer

TIMERS = [Timer("voucher.void_uncertified", void_uncertified)]
