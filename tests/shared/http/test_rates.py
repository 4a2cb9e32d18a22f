"""Buckets of tokens: for each address its own, in bounded memory."""

import pytest

from shared.http.rates import ADDRESSES_MOST, RateLimiter, RateLimitExceeded


class Clock:
    """Seconds that the test moves."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def allowed(limiter: RateLimiter, address: str, attempts: int) -> int:
    """How many of so many attempts are allowed."""
    done = 0
    for _ in range(attempts):
        try:
            limiter.take(address)
        except RateLimitExceeded:
            continue
        done += 1
    return done


def test_a_bucket_empties_and_fills() -> None:
    clock = Clock()
    limiter = RateLimiter(30, clock=clock)
    assert allowed(limiter, "203.0.113.7", 40) == 30
    with pytest.raises(RateLimitExceeded) as refused:
        limiter.take("203.0.113.7")
    assert refused.value.facts == {"retry_after_s": 2}
    assert allowed(limiter, "203.0.113.8", 40) == 30, "another address has a bucket of its own"
    clock.now_s = 2
    assert allowed(limiter, "203.0.113.7", 2) == 1
    clock.now_s = 3600
    assert allowed(limiter, "203.0.113.7", 40) == 30, "a pause fills the bucket and no more"


def test_an_ipv6_site_is_one_asker() -> None:
    limiter = RateLimiter(10, clock=Clock())
    assert sum(allowed(limiter, f"2001:db8::{number:x}", 1) for number in range(40)) == 10
    assert allowed(limiter, "2001:db8:0:1::1", 40) == 10


def test_what_is_no_address_shares_a_bucket() -> None:
    limiter = RateLimiter(10, clock=Clock())
    assert sum(allowed(limiter, f"forged-{number}", 1) for number in range(40)) == 10


def test_memory_is_bounded() -> None:
    limiter = RateLimiter(10, clock=Clock())
    for number in range(ADDRESSES_MOST + 500):
        limiter.take(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(limiter._buckets) == ADDRESSES_MOST
