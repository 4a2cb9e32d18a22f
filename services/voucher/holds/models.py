"""Holds on vouchers, open and lifted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.models import Base
from shared.kernel.ids import uuid7


class VoucherHold(Base):
    """Why a voucher is held; it stays when it is lifted, with who lifted it."""

    __tablename__ = "voucher_holds"
    __table_args__ = (
        CheckConstraint("num_nonnulls(lifted_by, lifted_at) IN (0, 2)", name="lifted"),
        Index("ix_voucher_holds_voucher_id", "voucher_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("vouchers.id"))
    reason_code: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[UUID]
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
