"""Posting: the only way in which a fund's money moves."""

from collections.abc import Sequence

from sqlalchemy import insert

from services.payout.ledger.domain import Transaction
from services.payout.ledger.models import LedgerPosting, LedgerTransaction
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork


async def post(uow: UnitOfWork, transactions: Sequence[Transaction]) -> None:
    """Write transactions with their postings; the funds are locked and their figures follow in the database.

    A transaction that does not sum to zero cannot commit, and one that would break a fund's budget is refused.
    """
    if not transactions:
        return
    numbered = [(uuid7(), one) for one in transactions]
    clock = {"business_at": uow.now, "recorded_at": uow.recorded_at}
    await uow.session.execute(
        insert(LedgerTransaction),
        [
            {"id": number, "kind": one.kind, "fund_id": one.fund_id, "payout_id": one.payout_id, **clock}
            for number, one in numbered
        ],
    )
    postings = [
        {"transaction_id": number, "fund_id": one.fund_id, "account": account, "amount_fen": amount_fen}
        for number, one in numbered
        for account, amount_fen in one.postings()
    ]
    await uow.session.execute(insert(LedgerPosting).values(postings))
