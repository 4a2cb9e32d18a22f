"""How the ledger is shown."""

from uuid import UUID

from services.payout.ledger.domain import LedgerAccount
from shared.http import View


class BalanceView(View):
    """What stands on one account of one fund, fen."""

    fund_id: UUID
    account: LedgerAccount
    balance_fen: int


class LedgerView(View):
    """Every balance in the caller's scope; `sum_fen` is 0, always."""

    accounts: list[BalanceView]
    sum_fen: int
