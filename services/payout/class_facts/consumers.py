"""Keeps which classes are verified; this room is written here and nowhere else."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from services.payout.class_facts.models import ClassFact
from shared.contracts.training import ClassVerifiedV1
from shared.kernel.clock import business_date
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_class_verified(uow: UnitOfWork, events: Sequence[ClassVerifiedV1]) -> None:
    """An officer has verified the finished class: payouts of its vouchers may be checked (R20)."""
    rows = [{"class_id": event.id, "verified_on": business_date(event.business_at)} for event in events]
    await uow.session.execute(insert(ClassFact).on_conflict_do_nothing(), rows)


HANDLERS: Handlers = {ClassVerifiedV1: on_class_verified}
