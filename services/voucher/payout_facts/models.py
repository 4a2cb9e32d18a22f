"""How far each payout of a voucher has come; written by this room's consumers alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Index, Integer, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.models import Base
from services.voucher.payout_facts.domain import KnownPayout, PayoutStage


class PayoutFact(Base):
    """The last that was received of one payout."""

    __tablename__ = "payout_facts"
    __table_args__ = (
        CheckConstraint("stage IN ('opened', 'returned', 'paid', 'reversed', 'debt_settled')", name="stage"),
        CheckConstraint("stage = 'returned' OR NOT final", name="final"),
        CheckConstraint("stage <> 'returned' OR code IS NOT NULL", name="returned_says_why"),
        Index("ix_payout_facts_voucher_id", "voucher_id"),
    )

    payout_id: Mapped[UUID] = mapped_column(primary_key=True)
    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("vouchers.id"))
    stage: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    final: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Whether it was returned for good (R2)."""
    moved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Business time at which it came so far, as payout says: since a merger, or before (R16)."""
    version: Mapped[int] = mapped_column(Integer)
    """The payout's own version in payout."""

    def known(self) -> KnownPayout:
        """What the voucher looks at."""
        return KnownPayout(self.payout_id, PayoutStage(self.stage), self.code, self.final)
