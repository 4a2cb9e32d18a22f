"""Mandates that workers gave."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.models import Base


class Mandate(Base):
    """A worker's own word that an organisation is paid in their place. Append-only.

    A voucher refers to it together with its id, holder and payee, so that no mandate serves another of these.
    """

    __tablename__ = "mandates"
    __table_args__ = (
        UniqueConstraint("id", "voucher_id", "person_id", "payee_id", name="uq_mandates_terms"),
        Index("ix_mandates_voucher_id", "voucher_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    voucher_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    institution: Mapped[str] = mapped_column(Text)
    """Where the worker stood when they gave it."""
    payee_id: Mapped[str] = mapped_column(Text)
    """Credit code of the institution, or of the enterprise that has its own staff trained."""
    account: Mapped[str] = mapped_column(Text)
    """The account by which the worker said so."""
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
