"""Reading funds, their rules and their balances."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true

from services.payout.funds.domain import FundFacts, FundNotFound, FundRules, FundState, LedgerAccount
from services.payout.funds.models import Fund, FundRuleRow, LedgerPosting, LedgerTransaction
from shared.persistence import UnitOfWork
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on one account of one fund, fen."""

    fund_id: UUID
    account: LedgerAccount
    balance_fen: int


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """The funds of the caller's areas."""
    return true() if caller.covers_city else Fund.area.in_(caller.areas)


async def list_funds(
    uow: UnitOfWork,
    caller: Principal,
    *,
    after: UUID | None,
    limit: int,
    year: int | None = None,
    status: FundState | None = None,
) -> list[FundFacts]:
    """A page of funds in the caller's scope, ascending by id; of a year and in a state if they are named."""
    query = select(Fund).where(in_scope(caller)).order_by(Fund.id).limit(limit)
    if after is not None:
        query = query.where(Fund.id > after)
    if year is not None:
        query = query.where(Fund.year == year)
    if status is not None:
        query = query.where(Fund.status == status)
    return [row.facts() for row in await uow.session.scalars(query)]


async def see_fund(uow: UnitOfWork, caller: Principal, fund_id: UUID) -> FundFacts:
    """The fund; `FundNotFound` if there is none or the caller may not know."""
    row = await uow.session.scalar(select(Fund).where(Fund.id == fund_id, in_scope(caller)))
    if row is None:
        raise FundNotFound
    return row.facts()


async def funds_of(uow: UnitOfWork, sources: Collection[str], year: int) -> list[FundFacts]:
    """Every open fund of these sources and this year."""
    query = select(Fund).where(Fund.fund_source.in_(sources), Fund.year == year, Fund.status == FundState.OPEN)
    rows = await uow.session.scalars(query, execution_options={"populate_existing": True})
    return [row.facts() for row in rows]


async def count_open_until(uow: UnitOfWork, year: int) -> int:
    """How many funds of years before `year` are open still."""
    query = select(func.count()).where(Fund.status == FundState.OPEN, Fund.year < year)
    return (await uow.session.scalar(query)) or 0


async def fund_rules(uow: UnitOfWork) -> FundRules:
    """What each source may pay, all dates."""
    return FundRules([row.facts() for row in await uow.session.scalars(select(FundRuleRow))])


async def balances(uow: UnitOfWork, caller: Principal, posted_until: datetime | None = None) -> list[Balance]:
    """What stands on each account of the funds in the caller's scope, in order of fund and account.

    Computed from the postings each time: no cache could disagree. With `posted_until`, business time, from
    those that were written by then (R24).
    """
    query = (
        select(LedgerPosting.fund_id, LedgerPosting.account, func.sum(LedgerPosting.amount_fen).label("balance_fen"))
        .join(Fund, Fund.id == LedgerPosting.fund_id)
        .where(in_scope(caller))
        .group_by(LedgerPosting.fund_id, LedgerPosting.account)
        .order_by(LedgerPosting.fund_id, LedgerPosting.account)
    )
    if posted_until is not None:
        posted = LedgerTransaction.id == LedgerPosting.transaction_id
        query = query.join(LedgerTransaction, posted).where(LedgerTransaction.business_at <= posted_until)
    rows = await uow.session.execute(query)
    return [Balance(row.fund_id, LedgerAccount(row.account), int(row.balance_fen)) for row in rows]
