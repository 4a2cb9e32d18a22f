"""Writing holds down; that a payout counts them is the payout's own step."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import insert, update

from services.payout.holds.domain import Hold, Placement
from services.payout.holds.models import PayoutHold
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork


async def write_holds(uow: UnitOfWork, placements: Collection[Placement], placed_by: UUID | None) -> list[Hold]:
    """New holds, in the order given; `placed_by` is the person, None where an event placed them."""
    placed = {"placed_by": placed_by, "placed_at": uow.now}
    rows = await uow.session.scalars(
        insert(PayoutHold).returning(PayoutHold, sort_by_parameter_order=True),
        [{"id": uuid7(), **asdict(placement), **placed} for placement in placements],
    )
    return [row.facts() for row in rows]


async def write_lifts(uow: UnitOfWork, holds: Sequence[Hold], lifted_by: UUID | None) -> list[Hold]:
    """Those of these holds that stood until now, and stand no more."""
    standing = PayoutHold.id.in_([hold.id for hold in holds]) & PayoutHold.lifted_at.is_(None)
    lifting = update(PayoutHold).where(standing).values(lifted_by=lifted_by, lifted_at=uow.now)
    lifted = set(
        await uow.session.scalars(lifting.returning(PayoutHold.id), execution_options={"synchronize_session": False})
    )
    return [hold for hold in holds if hold.id in lifted]
