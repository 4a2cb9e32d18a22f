"""Reading what the bank reported of returned money."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.payout.money_returns.domain import MoneyReturnFacts, MoneyReturnNotFound
from services.payout.money_returns.models import MoneyReturn
from shared.persistence import UnitOfWork
from shared.security import Principal


async def list_money_returns(
    uow: UnitOfWork, caller: Principal, *, held: bool | None, after: UUID | None, limit: int
) -> list[MoneyReturnFacts]:
    """A page of reports, ascending by id, for the city's finance and audit; `held` those that wait for two officers."""
    query = select(MoneyReturn).order_by(MoneyReturn.id).limit(limit)
    if held is not None:
        waits = MoneyReturn.taken.is_(False) & MoneyReturn.dismissed_at.is_(None)
        query = query.where(waits if held else ~waits)
    if after is not None:
        query = query.where(MoneyReturn.id > after)
    return [row.facts() for row in await uow.session.scalars(query)] if caller.covers_city else []


async def lock_money_return(uow: UnitOfWork, caller: Principal, return_id: UUID) -> MoneyReturn:
    """The report, locked against two officers who set it aside at once; `MoneyReturnNotFound` if there is none."""
    query = select(MoneyReturn).where(MoneyReturn.id == return_id).with_for_update()
    row = await uow.session.scalar(query, execution_options={"populate_existing": True}) if caller.covers_city else None
    if row is None:
        raise MoneyReturnNotFound
    return row


async def returns_with(uow: UnitOfWork, references: Collection[str]) -> dict[str, MoneyReturnFacts]:
    """What is kept under these references of the bank."""
    rows = await uow.session.scalars(select(MoneyReturn).where(MoneyReturn.reference.in_(references)))
    return {row.reference: row.facts() for row in rows}
