"""The tables of classes: the class, every edition of its filed content, and why filings were returned."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.training.classes.domain import CLASS, ClassAction
from services.training.models import Base
from shared.persistence import AggregateRow


class TrainingClass(AggregateRow["TrainingClass", ClassAction], Base):
    """A class; its columns are those of the edition of its content that is in force."""

    __tablename__ = "classes"
    __table_args__ = (
        Index(
            "ix_classes_overdue",
            "status",
            "entered_at",
            postgresql_where="status IN ('filed', 'returned', 'finished')",
        ),
        UniqueConstraint("id", "institution", "skill_code", "level"),
        UniqueConstraint("id", "institution"),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("seats BETWEEN 1 AND 1000", name="seats"),
        CheckConstraint("starts_at < ends_at AND starts_on <= ends_on", name="times"),
        CheckConstraint("approved_by <> filed_by", name="two_people"),
        CheckConstraint("planned_minutes > 0 AND class_hours >= 0", name="hours"),
        CheckConstraint("channel IN ('enterprise', 'school', 'social')", name="channel"),
        CheckConstraint("act IN ('first', 'review')", name="act"),
        CheckConstraint(
            "CASE payee_kind WHEN 'institution' THEN payee_id IS NOT DISTINCT FROM institution "
            "WHEN 'enterprise' THEN payee_id IS NOT NULL AND channel = 'enterprise' "
            "WHEN 'worker' THEN payee_id IS NULL ELSE false END",
            name="payee",
        ),
        CheckConstraint(
            "status IN ('draft', 'filed', 'returned', 'cancelled') "
            "OR (filed_at IS NOT NULL AND approved_by IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint("(status IN ('cancelled', 'stopped')) = (reason_code IS NOT NULL)", name="reason_code"),
        Index("ix_classes_starting", "starts_at", postgresql_where="status = 'approved'"),
        Index("ix_classes_ending", "ends_at", postgresql_where="status = 'running'"),
    )
    lifecycle = CLASS

    institution: Mapped[str] = mapped_column(ForeignKey("institutions.id"), index=True)
    area: Mapped[str] = mapped_column(Text, index=True)
    department: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    payee_kind: Mapped[str] = mapped_column(Text)
    payee_id: Mapped[str | None] = mapped_column(Text)
    seats: Mapped[int] = mapped_column(Integer)
    trainer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    starts_on: Mapped[date] = mapped_column(Date)
    """Business days in Asia/Shanghai."""
    ends_on: Mapped[date] = mapped_column(Date)
    planned_minutes: Mapped[int] = mapped_column(Integer)
    """What the sessions come to, each day up to the cap."""
    class_hours: Mapped[int] = mapped_column(Integer)
    edition: Mapped[int] = mapped_column(Integer)
    """The edition of the content that is in force."""
    content_digest: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[UUID | None]
    filed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason_code: Mapped[str | None] = mapped_column(Text)
    """Why it was cancelled or stopped."""


class ClassContent(Base):
    """An edition of a class's content with its hash: a draft, a new draft, or an amendment. INSERT and SELECT only."""

    __tablename__ = "class_contents"
    __table_args__ = (CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),)

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    edition: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[UUID | None]
    account: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ClassReturn(Base):
    """What an officer asked to be corrected when a filing was returned: INSERT and SELECT only."""

    __tablename__ = "class_returns"

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    """The class's version after its return."""
    reason: Mapped[str] = mapped_column(Text)
