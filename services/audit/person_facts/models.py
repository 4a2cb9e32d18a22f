"""One row a person, written by the consumers alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.audit.models import Base


class PersonFact(Base):
    """A registered person. Nothing here tells who it is: name and ID number live in the voucher service alone."""

    __tablename__ = "person_facts"
    __table_args__ = (CheckConstraint("survivor_id <> id", name="survivor_is_another"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(Text)
    real_name_level: Mapped[int] = mapped_column(Integer)
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    survivor_id: Mapped[UUID | None] = mapped_column(index=True)
    """The record that stays, if this one is of the same person; never itself superseded."""
