"""Reading batches."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, and_, column, exists, select, table, true, tuple_

from services.payout.payment_batches.domain import (
    PaymentBatchFacts,
    PaymentBatchItemFacts,
    PaymentBatchNotFound,
    PaymentBatchState,
)
from services.payout.payment_batches.models import PaymentBatch, PaymentBatchItem
from services.payout.payouts.domain import AT_THE_BANK, PayoutState
from shared.persistence import UnitOfWork
from shared.security import Principal

_PAYOUT = table("payouts", column("id"), column("attempt"), column("status"))
_IN_FLIGHT = exists().where(
    PaymentBatchItem.batch_id == PaymentBatch.id,
    PaymentBatchItem.payout_id == _PAYOUT.c.id,
    PaymentBatchItem.attempt == _PAYOUT.c.attempt,
    _PAYOUT.c.status.in_((PayoutState.BATCHED, *AT_THE_BANK)),
)
"""Something on the batch waits still; a held payout may wait for long, and no other batch waits for it."""


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """The batches of the caller's areas."""
    return true() if caller.covers_city else PaymentBatch.area.in_(caller.areas)


async def list_payment_batches(
    uow: UnitOfWork, caller: Principal, status: PaymentBatchState | None, *, after: UUID | None, limit: int
) -> list[PaymentBatchFacts]:
    """A page of batches in the caller's scope, ascending by id."""
    query = select(PaymentBatch).where(in_scope(caller)).order_by(PaymentBatch.id).limit(limit)
    if status is not None:
        query = query.where(PaymentBatch.status == status)
    if after is not None:
        query = query.where(PaymentBatch.id > after)
    return [row.facts() for row in await uow.session.scalars(query)]


async def see_payment_batch(uow: UnitOfWork, caller: Principal, batch_id: UUID) -> PaymentBatchFacts:
    """The batch; `PaymentBatchNotFound` if there is none or the caller may not know."""
    row = await uow.session.scalar(select(PaymentBatch).where(PaymentBatch.id == batch_id, in_scope(caller)))
    if row is None:
        raise PaymentBatchNotFound
    return row.facts()


async def items_of(uow: UnitOfWork, batch_id: UUID) -> list[PaymentBatchItemFacts]:
    """The payouts on a batch, each with its attempt, ascending by payout."""
    query = select(PaymentBatchItem).where(PaymentBatchItem.batch_id == batch_id)
    return [row.facts() for row in await uow.session.scalars(query.order_by(PaymentBatchItem.payout_id))]


async def released_batches(uow: UnitOfWork, attempts: Collection[tuple[UUID, int]]) -> dict[UUID, PaymentBatchFacts]:
    """The released batch of each (payout, attempt), by payout."""
    on_batch = and_(PaymentBatch.id == PaymentBatchItem.batch_id, PaymentBatch.status == PaymentBatchState.RELEASED)
    query = select(PaymentBatchItem.payout_id, PaymentBatch).join(PaymentBatch, on_batch)
    query = query.where(tuple_(PaymentBatchItem.payout_id, PaymentBatchItem.attempt).in_(list(attempts)))
    rows = await uow.session.execute(query, execution_options={"populate_existing": True})
    return {payout_id: batch.facts() for payout_id, batch in rows}


async def answered_batches(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Released batches of which nothing is batched or with the bank any more, oldest first."""
    query = select(PaymentBatch.id).where(PaymentBatch.status == PaymentBatchState.RELEASED, ~_IN_FLIGHT)
    return list(await uow.session.scalars(query.order_by(PaymentBatch.id).limit(limit)))
