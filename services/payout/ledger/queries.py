"""Balances, computed from the postings each time: nothing is cached that could disagree."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from services.payout.ledger.domain import Balance, LedgerAccount
from services.payout.ledger.models import LedgerPosting
from shared.persistence import UnitOfWork


async def balances(uow: UnitOfWork, fund_ids: Collection[UUID]) -> list[Balance]:
    """What stands on each account of the funds, in order of fund and account."""
    query = (
        select(LedgerPosting.fund_id, LedgerPosting.account, func.sum(LedgerPosting.amount_fen).label("balance_fen"))
        .where(LedgerPosting.fund_id.in_(fund_ids))
        .group_by(LedgerPosting.fund_id, LedgerPosting.account)
        .order_by(LedgerPosting.fund_id, LedgerPosting.account)
    )
    rows = await uow.session.execute(query)
    return [Balance(row.fund_id, LedgerAccount(row.account), int(row.balance_fen)) for row in rows]
