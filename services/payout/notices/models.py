"""Public notices: written once, shown while they last, kept for ever."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from services.payout.notices.domain import Notice
from shared.kernel.ids import uuid7
from shared.persons import persons


class PublicNotice(Base):
    """One notice; a payout names it, and by a foreign key both say the same area and period."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("id", "area", "published_at", "ends_at", name="uq_notices_period"),
        CheckConstraint("ends_at > published_at", name="period"),
        CheckConstraint("phone <> '' AND address <> ''", name="contact"),
        Index("ix_notices_ends_at", "ends_at"),
        Index("ix_notices_area", "area", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    area: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    published_by: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    phone: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)

    def facts(self) -> Notice:
        """The row for answers."""
        return Notice(**{name: getattr(self, name) for name in Notice.__slots__})
