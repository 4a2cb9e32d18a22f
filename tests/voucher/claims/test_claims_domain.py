"""Claims without a database."""

from datetime import UTC, datetime

from services.voucher.claims.domain import valid_until
from shared.kernel.clock import business_date
from tests.voucher.facts import CLAIMED_AT


def test_validity_ends_with_a_day() -> None:
    """D3: 90 days from the claim, the last one whole."""
    assert valid_until(business_date(CLAIMED_AT), 90) == datetime(2027, 2, 21, 16, tzinfo=UTC)
