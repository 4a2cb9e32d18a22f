"""Double entry: what is moved where, each transaction summing to zero (DOMAIN §4, 6)."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class LedgerAccount(StrEnum):
    """The accounts that every fund has. `appropriation` is the source and stands negative."""

    APPROPRIATION = "appropriation"
    AVAILABLE = "available"
    RESERVED = "reserved"
    SPENT = "spent"


class LedgerKind(StrEnum):
    """Why money moves."""

    BUDGET = "budget"
    RESERVE = "reserve"
    FREE = "free"
    SPEND = "spend"


ROUTE = {
    LedgerKind.BUDGET: (LedgerAccount.APPROPRIATION, LedgerAccount.AVAILABLE),
    LedgerKind.RESERVE: (LedgerAccount.AVAILABLE, LedgerAccount.RESERVED),
    LedgerKind.FREE: (LedgerAccount.RESERVED, LedgerAccount.AVAILABLE),
    LedgerKind.SPEND: (LedgerAccount.RESERVED, LedgerAccount.SPENT),
}
"""From which account to which."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement inside a fund: `amount_fen` > 0 along the route of its kind, for a payout or for the budget."""

    kind: LedgerKind
    fund_id: UUID
    amount_fen: int
    payout_id: UUID | None = None

    def postings(self) -> tuple[tuple[LedgerAccount, int], tuple[LedgerAccount, int]]:
        """The two postings: out of the one account, into the other."""
        source, target = ROUTE[self.kind]
        return (source, -self.amount_fen), (target, self.amount_fen)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on one account of one fund, fen."""

    fund_id: UUID
    account: LedgerAccount
    balance_fen: int
