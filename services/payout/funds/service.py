"""What finance does with funds, and how payouts draw on them: lock, post, and the database adds up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert

from services.payout.funds import queries
from services.payout.funds.domain import (
    FundAction,
    FundExhausted,
    FundFacts,
    FundNotFound,
    FundSourceWithoutRule,
    LedgerKind,
    Reservation,
    Transaction,
    covered_in_order,
)
from services.payout.funds.models import Fund, LedgerPosting, LedgerTransaction
from shared.kernel.ids import uuid7
from shared.kernel.money import checked_fen
from shared.persistence import UnitOfWork
from shared.security import AreaOutsideScope, Principal


async def open_fund(
    uow: UnitOfWork, caller: Principal, *, fund_source: str, area: str, year: int, budget_fen: int
) -> FundFacts:
    """Finance opens a fund with its budget (资金筹措, §三(二)); one for each source, area and year."""
    if not caller.covers(area):
        raise AreaOutsideScope
    if not (await queries.fund_rules(uow)).know(fund_source):
        raise FundSourceWithoutRule
    row = Fund(fund_source=fund_source, area=area, year=year)
    uow.create(row, FundAction.OPEN, amount_fen=checked_fen(budget_fen, least_fen=1))
    return await _add_budget(uow, row, budget_fen)


async def raise_fund(uow: UnitOfWork, caller: Principal, fund_id: UUID, amount_fen: int) -> FundFacts:
    """Finance adds to a fund's budget; a budget never shrinks."""
    row = (await _lock(uow, [fund_id])).get(fund_id)
    if row is None or not caller.covers(row.area):
        raise FundNotFound
    if not row.facts().may_be_raised_by(checked_fen(amount_fen, least_fen=1)):
        raise FundExhausted
    uow.move(row, FundAction.RAISE, amount_fen=amount_fen)
    return await _add_budget(uow, row, amount_fen)


async def _add_budget(uow: UnitOfWork, row: Fund, amount_fen: int) -> FundFacts:
    await uow.session.flush()
    await _post(uow, [Transaction(LedgerKind.BUDGET, row.id, amount_fen)])
    await uow.session.refresh(row)
    return row.facts()


async def reserve_in_order(uow: UnitOfWork, fund_id: UUID, wanted: Sequence[Reservation]) -> list[UUID]:
    """Reserve for payouts of one fund, in the order given, as far as the money goes; answers those reserved.

    A shortage queues and alarms, it never rejects (应保尽保, §三(三)): what is not covered stays where it is.
    """
    fund = (await _lock(uow, [fund_id]))[fund_id].facts()
    covered = wanted[: covered_in_order(fund.available_fen, [reservation.amount_fen for reservation in wanted])]
    await _post(uow, [reservation.transaction(LedgerKind.RESERVE) for reservation in covered])
    return [reservation.payout_id for reservation in covered]


async def free_reservations(uow: UnitOfWork, reservations: Sequence[Reservation]) -> None:
    """Give back what was reserved for payouts that will not be paid."""
    await _lock(uow, [reservation.fund_id for reservation in reservations])
    await _post(uow, [reservation.transaction(LedgerKind.FREE) for reservation in reservations])


async def spend_reservations(uow: UnitOfWork, reservations: Sequence[Reservation]) -> None:
    """Turn reservations into spending: the bank has paid."""
    await _lock(uow, [reservation.fund_id for reservation in reservations])
    await _post(uow, [reservation.transaction(LedgerKind.SPEND) for reservation in reservations])


async def _lock(uow: UnitOfWork, fund_ids: Sequence[UUID]) -> dict[UUID, Fund]:
    """Lock funds, the last in the order of locks; nothing else is locked after them."""
    if not fund_ids:
        return {}
    return await uow.lock_rows(Fund, fund_ids, against="two reservations that together exceed the budget")


async def _post(uow: UnitOfWork, transactions: Sequence[Transaction]) -> None:
    """Write transactions with their postings, the only way in which money moves; the funds' figures follow by trigger.

    A transaction that does not sum to zero cannot commit, and one that would break a fund's budget is refused.
    """
    if not transactions:
        return
    numbered = [(uuid7(), transaction) for transaction in transactions]
    clock = {"business_at": uow.now, "recorded_at": uow.recorded_at}
    await uow.session.execute(
        insert(LedgerTransaction),
        [
            {
                "id": number,
                "kind": transaction.kind,
                "fund_id": transaction.fund_id,
                "payout_id": transaction.payout_id,
                **clock,
            }
            for number, transaction in numbered
        ],
    )
    postings = [
        {"transaction_id": number, "fund_id": transaction.fund_id, "account": account, "amount_fen": amount_fen}
        for number, transaction in numbered
        for account, amount_fen in transaction.postings()
    ]
    await uow.session.execute(insert(LedgerPosting).values(postings))
