"""Reading money that came in."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.payout.incoming_payments.domain import IncomingFacts, IncomingPaymentNotFound
from services.payout.incoming_payments.models import IncomingPayment
from shared.persistence import UnitOfWork
from shared.security import Principal


async def list_incoming_payments(
    uow: UnitOfWork, caller: Principal, *, is_free: bool | None, after: UUID | None, limit: int
) -> list[IncomingFacts]:
    """A page of incoming payments for the city's finance and audit, ascending by id."""
    query = select(IncomingPayment).order_by(IncomingPayment.id).limit(limit)
    if is_free is not None:
        free = IncomingPayment.matched_fen < IncomingPayment.amount_fen
        query = query.where(free if is_free else ~free)
    if after is not None:
        query = query.where(IncomingPayment.id > after)
    return [row.facts() for row in await uow.session.scalars(query)] if caller.covers_city else []


async def see_incoming(uow: UnitOfWork, caller: Principal, incoming_id: UUID) -> IncomingFacts:
    """One incoming payment, for the city's finance and audit; `IncomingPaymentNotFound` otherwise."""
    row = await uow.session.get(IncomingPayment, incoming_id, populate_existing=True) if caller.covers_city else None
    if row is None:
        raise IncomingPaymentNotFound
    return row.facts()


async def get_incoming(uow: UnitOfWork, incoming_id: UUID) -> IncomingFacts:
    """An incoming payment; `IncomingPaymentNotFound` if there is none. A CHECK keeps two matches within its amount."""
    query = select(IncomingPayment).where(IncomingPayment.id == incoming_id)
    row = await uow.session.scalar(query, execution_options={"populate_existing": True})
    if row is None:
        raise IncomingPaymentNotFound
    return row.facts()


async def incoming_with(uow: UnitOfWork, references: Collection[str]) -> dict[str, IncomingFacts]:
    """What is recorded under these references of the bank."""
    query = select(IncomingPayment).where(IncomingPayment.reference.in_(references))
    rows = await uow.session.scalars(query, execution_options={"populate_existing": True})
    return {row.reference: row.facts() for row in rows}
