"""Reading funds, their rules and their balances."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true

from services.payout.funds.domain import Balance, Fund, FundRules, LedgerAccount
from services.payout.funds.models import FundRow, FundRuleRow, LedgerPosting
from shared.persistence import UnitOfWork
from shared.security import Principal


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """The funds of the caller's areas."""
    return true() if caller.covers_city else FundRow.area.in_(caller.areas)


async def find_funds(uow: UnitOfWork, caller: Principal, *, after: UUID | None, limit: int) -> list[Fund]:
    """A page of funds in the caller's scope, ascending by id."""
    query = select(FundRow).where(in_scope(caller)).order_by(FundRow.id).limit(limit)
    if after is not None:
        query = query.where(FundRow.id > after)
    return [row.facts() for row in await uow.session.scalars(query)]


async def fund_in_scope(uow: UnitOfWork, caller: Principal, fund_id: UUID) -> Fund | None:
    """The fund, if the caller may know of it."""
    row = await uow.session.scalar(select(FundRow).where(FundRow.id == fund_id, in_scope(caller)))
    return None if row is None else row.facts()


async def funds_of(uow: UnitOfWork, sources: Collection[str], year: int) -> list[Fund]:
    """Every fund of these sources and this year."""
    query = select(FundRow).where(FundRow.fund_source.in_(sources), FundRow.year == year)
    rows = await uow.session.scalars(query, execution_options={"populate_existing": True})
    return [row.facts() for row in rows]


async def fund_rules(uow: UnitOfWork) -> FundRules:
    """What each source may pay, all dates."""
    return FundRules([row.facts() for row in await uow.session.scalars(select(FundRuleRow))])


async def balances(uow: UnitOfWork, caller: Principal) -> list[Balance]:
    """What stands on each account of the funds in the caller's scope, in order of fund and account.

    Computed from the postings each time: nothing is cached that could disagree.
    """
    query = (
        select(LedgerPosting.fund_id, LedgerPosting.account, func.sum(LedgerPosting.amount_fen).label("balance_fen"))
        .join(FundRow, FundRow.id == LedgerPosting.fund_id)
        .where(in_scope(caller))
        .group_by(LedgerPosting.fund_id, LedgerPosting.account)
        .order_by(LedgerPosting.fund_id, LedgerPosting.account)
    )
    rows = await uow.session.execute(query)
    return [Balance(row.fund_id, LedgerAccount(row.account), int(row.balance_fen)) for row in rows]
