"""The table of class sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.training.class_sessions.domain import CLASS_SESSION, ClassSessionAction
from services.training.models import Base
from shared.persistence import AggregateRow

PLANNED_TIME = func.tstzrange(literal_column("starts_at"), literal_column("ends_at"), type_=TSTZRANGE)
TAKES_PLACE = text("status <> 'dropped'")
AT_THE_END: Any = {"deferrable": True, "initially": "IMMEDIATE"}
"""Checked at the end of a statement, so that two sessions may change places."""


class ClassSession(AggregateRow["ClassSession", ClassSessionAction], Base):
    """A session of a class. Two exclusion constraints keep a trainer and a room from being used twice at once."""

    __tablename__ = "class_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["class_id", "institution"], ["classes.id", "classes.institution"]),
        UniqueConstraint("id", "class_id"),
        ExcludeConstraint(
            ("trainer_id", "="), (PLANNED_TIME, "&&"), where=TAKES_PLACE, name="ex_class_sessions_trainer", **AT_THE_END
        ),
        ExcludeConstraint(
            ("institution", "="),
            ("room", "="),
            (PLANNED_TIME, "&&"),
            where=TAKES_PLACE,
            name="ex_class_sessions_room",
            **AT_THE_END,
        ),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("octet_length(code_key) = 32", name="code_key"),
        CheckConstraint(
            "CASE WHEN status = 'closed' THEN attendance_count IS NOT NULL AND attendance_count >= 0 "
            "AND attendance_digest IS NOT NULL AND attendance_digest ~ '^[0-9a-f]{64}$' "
            "ELSE attendance_count IS NULL AND attendance_digest IS NULL END",
            name="attendance",
        ),
        Index("ix_class_sessions_class_id", "class_id", "starts_at"),
        Index("ix_class_sessions_due", "ends_at", postgresql_where="status IN ('planned', 'open')"),
    )
    lifecycle = CLASS_SESSION

    class_id: Mapped[UUID]
    institution: Mapped[str] = mapped_column(Text)
    trainer_id: Mapped[UUID]
    room: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    code_key: Mapped[bytes] = mapped_column(LargeBinary)
    """From which the rotating code is made; it never leaves the service."""
    attendance_count: Mapped[int | None] = mapped_column(Integer)
    attendance_digest: Mapped[str | None] = mapped_column(Text)
