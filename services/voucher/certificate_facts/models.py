"""Which skill and level each person holds a certificate of; written by this room's consumers alone."""

from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.models import Base


class CertificateFact(Base):
    """A certificate as far as eligibility asks about it (D7, R7)."""

    __tablename__ = "certificate_facts"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        Index("ix_certificate_facts_person_id", "person_id"),
    )

    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    review_due_on: Mapped[date | None] = mapped_column(Date)
    """Of a permit: the day by which it is reviewed next (R7)."""
    revoked: Mapped[bool] = mapped_column(Boolean)
