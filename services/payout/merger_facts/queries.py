"""Reading since when a record counted under another one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.payout.merger_facts.models import MergerFact
from shared.persistence import UnitOfWork


async def merged_at(uow: UnitOfWork, record: UUID) -> datetime | None:
    """When payout received the record's last merger, business time; None if that is not known."""
    return await uow.session.scalar(select(MergerFact.merged_at).where(MergerFact.record_id == record))
