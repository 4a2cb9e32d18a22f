"""Which account is paid to, and when two names are one."""

from datetime import UTC, datetime, timedelta

import pytest

from services.payout.accounts.domain import (
    AccountCoolingOff,
    AccountFacts,
    AccountMissing,
    AccountState,
    choose_account,
)
from shared.kernel.ids import uuid7

NOON = datetime(2033, 3, 7, 4, tzinfo=UTC)


def account(revision: int, usable_from: datetime | None) -> AccountFacts:
    """A confirmed version."""
    people = (uuid7(), uuid7(), uuid7())
    return AccountFacts(
        uuid7(), "worker", "w", revision, "102", AccountState.CONFIRMED, 3, NOON, *people, usable_from=usable_from
    )


def test_the_newest_account_that_has_cooled_off() -> None:
    old, new, hot = (account(1, NOON - timedelta(days=9)), account(2, NOON), account(3, NOON + timedelta(seconds=1)))
    assert choose_account([hot, old, new], NOON) is new
    with pytest.raises(AccountCoolingOff, match="2033-03-07T04:00:01"):
        choose_account([hot], NOON)
    with pytest.raises(AccountMissing):
        choose_account([], NOON)
