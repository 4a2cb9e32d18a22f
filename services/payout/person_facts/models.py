"""Persons as voucher registered them: an id, an area, and which other record is the same person."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base


class PersonFact(Base):
    """One registered person; `version` is the source's."""

    __tablename__ = "person_facts"
    __table_args__ = (
        CheckConstraint("survivor_id <> person_id", name="survivor"),
        Index("ix_person_facts_survivor", "survivor_id", postgresql_where=text("survivor_id IS NOT NULL")),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str | None] = mapped_column(Text)
    survivor_id: Mapped[UUID | None]
    """The record that this one turned out to be; both count as one person."""
