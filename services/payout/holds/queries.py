"""Reading holds."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from services.payout.holds.domain import Hold, HoldSource
from services.payout.holds.models import PayoutHold
from services.payout.institution_facts.models import InstitutionFact
from services.payout.institution_facts.queries import REMOVED
from shared.kernel.clock import start_of_day
from shared.persistence import UnitOfWork
from shared.reference.calendar import first_in_time


async def open_holds(uow: UnitOfWork, payout_ids: Collection[UUID]) -> list[Hold]:
    """Every hold that nobody has lifted, oldest first."""
    query = select(PayoutHold).where(PayoutHold.payout_id.in_(payout_ids), PayoutHold.lifted_at.is_(None))
    rows = await uow.session.scalars(query.order_by(PayoutHold.id), execution_options={"populate_existing": True})
    return [row.facts() for row in rows]


async def hold_of(uow: UnitOfWork, payout_id: UUID, hold_id: UUID) -> Hold | None:
    """One hold of a payout, as it is now."""
    query = select(PayoutHold).where(PayoutHold.payout_id == payout_id, PayoutHold.id == hold_id)
    row = await uow.session.scalar(query, execution_options={"populate_existing": True})
    return None if row is None else row.facts()


async def held_because_of(uow: UnitOfWork, source: HoldSource, source_ids: Collection[str]) -> list[Hold]:
    """Open holds that this source placed for these things."""
    query = select(PayoutHold).where(
        PayoutHold.source == source, PayoutHold.source_id.in_(source_ids), PayoutHold.lifted_at.is_(None)
    )
    return [row.facts() for row in await uow.session.scalars(query.order_by(PayoutHold.id))]


async def count_long_held(uow: UnitOfWork, working_days: int) -> int:
    """How many payouts a removed institution has held for longer than so many whole working days."""
    removed = select(InstitutionFact.credit_code).where(InstitutionFact.status == REMOVED)
    long_held = select(func.count()).where(
        PayoutHold.source == HoldSource.INSTITUTION,
        PayoutHold.lifted_at.is_(None),
        PayoutHold.source_id.in_(removed),
        PayoutHold.placed_at < start_of_day(first_in_time(uow.today, working_days)),
    )
    return int(await uow.session.scalar(long_held) or 0)
