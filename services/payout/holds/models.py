"""The table of holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.holds.domain import Hold, HoldSource
from services.payout.models import Base
from shared.kernel.ids import uuid7
from shared.persons import persons

SOURCES = ", ".join(f"'{source}'" for source in HoldSource)


class PayoutHold(Base):
    """One hold on a payout, with its reason; lifted once and never again."""

    __tablename__ = "payout_holds"
    __table_args__ = (
        CheckConstraint(f"source IN ({SOURCES})", name="source"),
        CheckConstraint("(lifted_at IS NULL) OR lifted_at >= placed_at", name="lifted"),
        CheckConstraint("lifted_by IS NULL OR lifted_at IS NOT NULL", name="lifted_by"),
        CheckConstraint(
            "source <> 'taken_over' OR placed_by IS NOT NULL AND (lifted_at IS NULL OR lifted_by <> placed_by)",
            name="by_two",
        ),
        Index(
            "uq_payout_holds_open", "payout_id", "source", "source_id",
            unique=True, postgresql_where=text("lifted_at IS NULL"),
        ),
        Index("ix_payout_holds_source", "source", "source_id", postgresql_where=text("lifted_at IS NULL")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payouts.id"))
    source: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(Text)
    reason_code: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def facts(self) -> Hold:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in Hold.__slots__ if name != "source"}
        return Hold(source=HoldSource(self.source), **own)
