"""The table of check-ins: INSERT and SELECT only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models import Base
from shared.kernel.ids import uuid7


class CheckIn(Base):
    """A worker's own act with the session's code: coming (`in`) or going (`out`)."""

    __tablename__ = "check_ins"
    __table_args__ = (
        ForeignKeyConstraint(["class_session_id", "class_id"], ["class_sessions.id", "class_sessions.class_id"]),
        ForeignKeyConstraint(
            ["enrolment_id", "class_id", "person_id"], ["enrolments.id", "enrolments.class_id", "enrolments.person_id"]
        ),
        UniqueConstraint("class_session_id", "person_id", "step"),
        UniqueConstraint("class_session_id", "enrolment_id", "direction"),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    class_session_id: Mapped[UUID]
    class_id: Mapped[UUID]
    enrolment_id: Mapped[UUID]
    person_id: Mapped[UUID]
    direction: Mapped[str] = mapped_column(Text)
    step: Mapped[int] = mapped_column(BigInteger)
    """The 30-second step whose code was used: once a person."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Business time."""
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """The database's own time, by which the code lives."""
