"""Payout's own copies of signed certificates, and their statuses in a table of their own."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, Integer, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from shared.kernel.occasion import FIRST


class CertificateCopy(Base):
    """A certificate whose signature payout has verified itself. Only the worker's role may insert; nobody changes it.

    The key of five columns is what a payout's foreign key demands (DOMAIN §4, 2).
    """

    __tablename__ = "certificate_copies"
    __table_args__ = (
        UniqueConstraint(
            "certificate_id", "person_id", "skill_code", "level", "occasion", name="uq_certificate_copies_payable"
        ),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("act IN ('first', 'review')", name="act"),
        CheckConstraint("act = split_part(occasion, ':', 1)", name="occasion"),
        CheckConstraint("priced_on = coalesce(assessed_on, issued_on)", name="priced_on"),
    )

    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    occasion: Mapped[str] = mapped_column(Text, server_default=FIRST)
    assessed_on: Mapped[date | None] = mapped_column(Date)
    issued_on: Mapped[date] = mapped_column(Date)
    priced_on: Mapped[date] = mapped_column(Date)
    jws: Mapped[str] = mapped_column(Text)
    copied_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CertificateStatusFact(Base):
    """The status that evaluation last stated; `version` is the source's and never goes back."""

    __tablename__ = "certificate_statuses"
    __table_args__ = (
        CheckConstraint(
            "status IN ('imported', 'valid', 'suspended', 'revoked', 'expired', 'superseded')", name="status"
        ),
        CheckConstraint("NOT row_lock", name="row_lock"),
    )

    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    row_lock: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Never true. A role that may update this column, and no other, may lock the row."""
