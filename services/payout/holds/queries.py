"""Reading holds; the payout's row is what is locked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.payout.holds.domain import Hold, HoldSource
from services.payout.holds.models import PayoutHold
from shared.persistence import UnitOfWork


async def open_holds(uow: UnitOfWork, payout_ids: Collection[UUID]) -> list[Hold]:
    """Every hold that nobody has lifted, oldest first."""
    query = select(PayoutHold).where(PayoutHold.payout_id.in_(payout_ids), PayoutHold.lifted_at.is_(None))
    rows = await uow.session.scalars(query.order_by(PayoutHold.id), execution_options={"populate_existing": True})
    return [row.facts() for row in rows]


async def held_because_of(uow: UnitOfWork, source: HoldSource, source_ids: Collection[str]) -> list[Hold]:
    """Open holds that this source placed for these things."""
    query = select(PayoutHold).where(
        PayoutHold.source == source, PayoutHold.source_id.in_(source_ids), PayoutHold.lifted_at.is_(None)
    )
    return [row.facts() for row in await uow.session.scalars(query.order_by(PayoutHold.id))]
