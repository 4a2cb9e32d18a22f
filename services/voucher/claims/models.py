"""What was shown at the counter for a claim made there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.claims.domain import CounterOfficersAlike
from services.voucher.models import Base
from shared.persistence import map_constraint

map_constraint("ck_counter_claims_two_officers", CounterOfficersAlike)


class CounterClaim(Base):
    """The flag on a voucher claimed at a counter, with its evidence. Append-only."""

    __tablename__ = "counter_claims"
    __table_args__ = (
        CheckConstraint("officer_id <> second_officer_id", name="two_officers"),
        Index("ix_counter_claims_area_voucher_id", "area", "voucher_id"),
        CheckConstraint("photo_digest ~ '^[0-9a-f]{64}$'", name="photo_is_sha256"),
    )

    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("vouchers.id"), primary_key=True)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    second_officer_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    card_read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    photo_digest: Mapped[str] = mapped_column(Text)
    site: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    """The voucher's area, whose officers look at it again."""
    sampled: Mapped[bool] = mapped_column(Boolean)
    """Drawn to be looked at again by an officer of another place."""
    claimed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
