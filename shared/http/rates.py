"""How often an address may ask a route that is open to everybody: a bucket of tokens for each, in this process.

A proxy in front limits rates too (README), over all processes; this is what holds where there is none.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from shared.kernel.errors import DomainError

ADDRESSES_MOST = 10_000
"""Addresses that are remembered; beyond that the one that asked longest ago is forgotten, and begins anew."""
IPV6_SITE_BITS = 64
"""An IPv6 site has at least these addresses to itself, so it is one asker."""


class RateLimitExceeded(DomainError):
    """The address asked more often than it may."""

    code, status = "rate_limit_exceeded", 429
    zh, en = (
        "查询过于频繁,请在 {retry_after_s} 秒后重试",
        "Too many requests; please try again in {retry_after_s} seconds.",
    )


class RateLimiter:
    """`per_minute` requests a minute for each address, as many at once after a pause."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds, real time."""
        self._most = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Tokens left and when that was, by address; who asked longest ago stands first."""

    def take(self, address: str) -> None:
        """Take a token of the address; `RateLimitExceeded` with the seconds until there is one."""
        now_s, asker = self._clock(), _asker(address)
        tokens, at_s = self._buckets.pop(asker, (float(self._most), now_s))
        tokens = min(self._most, tokens + (now_s - at_s) * self._most / 60)
        allowed = tokens >= 1
        self._buckets[asker] = (tokens - allowed, now_s)
        if len(self._buckets) > ADDRESSES_MOST:
            self._buckets.popitem(last=False)
        if not allowed:
            raise RateLimitExceeded(retry_after_s=math.ceil((1 - tokens) * 60 / self._most))


def _asker(address: str) -> str:
    try:
        read = ip_address(address)
    except ValueError:
        return "unknown"
    return str(int(read) >> 128 - IPV6_SITE_BITS) if isinstance(read, IPv6Address) else address
