"""What was recorded of people. No row is ever changed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import LargeBinary

from services.voucher.models import Base
from shared.kernel.ids import uuid7


class RegisterExtract(Base):
    """What the registers said of a person on one day. The latest counts."""

    __tablename__ = "register_extracts"
    __table_args__ = (
        CheckConstraint("pension IN ('drawn', 'not_drawn', 'unknown')", name="pension"),
        CheckConstraint("fiscal_payroll IN ('on', 'off', 'unknown')", name="fiscal_payroll"),
        CheckConstraint("vital_status IN ('alive', 'deceased', 'unknown')", name="vital_status"),
        Index("ix_register_extracts_person_id_as_of_id", "person_id", "as_of", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    pension: Mapped[str] = mapped_column(Text)
    fiscal_payroll: Mapped[str] = mapped_column(Text)
    outside_benefits_known: Mapped[bool] = mapped_column(Boolean)
    """Whether the unemployment-insurance office answered about training benefits of its own (A13)."""
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    vital_status: Mapped[str] = mapped_column(Text, server_default="unknown")
    """What the register of deaths said (R10); the last answer other than unknown counts."""


class VitalChange(Base):
    """A person whom the clock has to look at: the register of deaths spoke of them, or their records changed hands."""

    __tablename__ = "vital_changes"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)


class OutsideBenefit(Base):
    """A training benefit that another office paid (A13: one exclusion group across all programmes)."""

    __tablename__ = "outside_benefits"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        UniqueConstraint("person_id", "programme", "skill_code", "level"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    extract_id: Mapped[UUID] = mapped_column(ForeignKey("register_extracts.id"))
    programme: Mapped[str] = mapped_column(Text)
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    taken_on: Mapped[date] = mapped_column(Date)


class GroupEvidence(Base):
    """Evidence that a person belongs to a priority group (A17): dated, sourced, never leaving this service."""

    __tablename__ = "group_evidence"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= as_of", name="dates"),
        Index("ix_group_evidence_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    group_code: Mapped[str] = mapped_column(Text)
    evidence_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    """The last day on which it counts; none for a lasting one."""
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
