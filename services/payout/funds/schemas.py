"""What finance says of funds, and how they are shown."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.payout.funds.domain import FundState, LedgerAccount
from shared.contracts.fields import AreaCode, Code
from shared.http import Body, View
from shared.kernel.money import MAX_FEN

AmountFen = Annotated[int, Field(strict=True, ge=1, le=MAX_FEN)]


class FundOpening(Body):
    """A new fund: one source in one area and year."""

    fund_source: Code
    area: AreaCode
    year: Annotated[int, Field(ge=2021, le=2099)]
    budget_fen: AmountFen


class FundRaise(Body):
    """More budget, fen."""

    amount_fen: AmountFen


class FundView(View):
    """A fund's figures, fen: reserved and spent never exceed the budget."""

    id: UUID
    fund_source: str
    area: str
    year: int
    status: FundState
    version: int
    budget_fen: int
    reserved_fen: int
    spent_fen: int
    available_fen: int


class BalanceView(View):
    """What stands on one account of one fund, fen."""

    fund_id: UUID
    account: LedgerAccount
    balance_fen: int


class LedgerView(View):
    """Every balance in the caller's scope; `sum_fen` is 0, always."""

    accounts: list[BalanceView]
    sum_fen: int
