"""The tables of check-ins and attendance: INSERT and SELECT only; what stands is kept beside them by a trigger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models import Base
from shared.kernel.ids import uuid7

OF_SESSION = ["class_sessions.id", "class_sessions.class_id"]
OF_ENROLMENT = ["enrolments.id", "enrolments.class_id", "enrolments.person_id"]


class CheckIn(Base):
    """A worker's own act with the session's code: coming (`in`) or going (`out`)."""

    __tablename__ = "check_ins"
    __table_args__ = (
        ForeignKeyConstraint(["class_session_id", "class_id"], OF_SESSION),
        ForeignKeyConstraint(["enrolment_id", "class_id", "person_id"], OF_ENROLMENT),
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


class Attendance(Base):
    """A person's stay at a class session. A correction is a new record that supersedes another; without times it voids.

    The database computes nothing but refuses minutes beyond what the times share with the session.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        ForeignKeyConstraint(["class_session_id", "class_id"], OF_SESSION),
        ForeignKeyConstraint(["enrolment_id", "class_id", "person_id"], OF_ENROLMENT),
        ForeignKeyConstraint(
            ["supersedes", "class_session_id", "enrolment_id"],
            ["attendance.id", "attendance.class_session_id", "attendance.enrolment_id"],
        ),
        UniqueConstraint("id", "class_session_id", "enrolment_id"),
        UniqueConstraint("supersedes"),
        Index(
            "uq_attendance_first",
            "class_session_id",
            "enrolment_id",
            unique=True,
            postgresql_where="supersedes IS NULL",
        ),
        CheckConstraint("kind IN ('code', 'roster', 'correction', 'make_up')", name="kind"),
        CheckConstraint("(kind IN ('code', 'roster')) <= (supersedes IS NULL)", name="supersedes"),
        CheckConstraint("(kind = 'correction') <= (supersedes IS NOT NULL)", name="correction"),
        CheckConstraint("(kind IN ('code', 'roster')) = (reason_code IS NULL)", name="reason_code"),
        CheckConstraint("(kind IN ('code', 'roster')) OR (entered_by IS NOT NULL)", name="officer"),
        CheckConstraint(
            "CASE WHEN checked_in_at IS NULL OR checked_out_at IS NULL "
            "THEN kind = 'correction' AND minutes = 0 AND checked_in_at IS NULL AND checked_out_at IS NULL "
            "ELSE checked_in_at < checked_out_at AND checked_out_at <= entered_at AND minutes >= 0 END",
            name="times",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    class_session_id: Mapped[UUID]
    class_id: Mapped[UUID]
    enrolment_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    checked_in_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    checked_out_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    minutes: Mapped[int] = mapped_column(Integer)
    """Whole minutes within the session's planned time."""
    supersedes: Mapped[UUID | None]
    reason_code: Mapped[str | None] = mapped_column(Text)
    entered_by: Mapped[UUID | None]
    account: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StandingAttendance(Base):
    """The records that no other supersedes, kept by the database alone; no person is in two places at once here."""

    __tablename__ = "standing_attendance"
    __table_args__ = (
        UniqueConstraint("class_session_id", "enrolment_id"),
        Index("ix_standing_attendance_enrolment_id", "enrolment_id"),
        ExcludeConstraint(
            ("person_id", "="),
            (func.tstzrange(literal_column("checked_in_at"), literal_column("checked_out_at"), type_=TSTZRANGE), "&&"),
            name="ex_standing_attendance_person",
        ),
    )

    attendance_id: Mapped[UUID] = mapped_column(ForeignKey("attendance.id"), primary_key=True)
    class_session_id: Mapped[UUID]
    enrolment_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    checked_in_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    checked_out_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    minutes: Mapped[int] = mapped_column(Integer)
