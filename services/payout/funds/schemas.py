"""What finance says of funds, and how they are shown."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.payout.funds.domain import FundState, LedgerAccount
from shared.contracts.fields import Code
from shared.http import Body, KnownArea, View
from shared.kernel.money import MAX_FEN

AmountFen = Annotated[int, Field(strict=True, ge=1, le=MAX_FEN)]


class ProposeFundRequest(Body):
    """A new fund: one source in one area and year."""

    fund_source: Code
    area: KnownArea
    year: Annotated[int, Field(ge=2021, le=2099)]
    budget_fen: AmountFen
    """What it begins with, in fen."""


class ProposeRaiseRequest(Body):
    """More budget for a fund."""

    amount_fen: AmountFen
    """How much more, in fen."""


class ProposeReductionRequest(Body):
    """Less budget for a fund."""

    amount_fen: AmountFen
    """How much less, in fen: at most what is available."""


class CarryOverFundsRow(Body):
    """One fund whose year is over."""

    fund_id: UUID


class FundView(View):
    """The money of one source in one area and year: reserved and spent together never exceed the budget."""

    id: UUID
    fund_source: str
    area: str
    year: int
    status: FundState
    version: int
    budget_fen: int
    proposed_fen: int | None
    """What is proposed and waits for a second officer, in fen; negative for a reduction."""
    proposed_status: FundState | None
    """The end that is proposed and waits for a second officer: `carried_over` or `closed`."""
    reserved_fen: int
    """What is kept for payouts that are under way, in fen."""
    spent_fen: int
    receivable_fen: int
    """What was paid and is owed back, in fen (R4)."""
    written_off_fen: int
    """What was owed back and is given up, in fen."""
    available_fen: int


class BalanceView(View):
    """What stands on one account of one fund."""

    fund_id: UUID
    account: LedgerAccount
    """The ledger's account; `appropriation` is where the money comes from, and stands negative."""
    balance_fen: int
    """What stands on it, in fen."""


class LedgerView(View):
    """Every balance in the caller's scope."""

    accounts: list[BalanceView]
    sum_fen: int
