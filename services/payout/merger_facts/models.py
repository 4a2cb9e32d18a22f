"""Since when a record counted under another one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base


class MergerFact(Base):
    """The last merger of a record into another, undone or not; one from before payout kept them has no row."""

    __tablename__ = "merger_facts"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    merged_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When payout received it, business time: from then on whoever spoke for one record spoke for both."""
