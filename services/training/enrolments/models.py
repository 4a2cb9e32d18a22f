"""The tables of enrolments and of the seats that they take."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.training.enrolments.domain import ENROLMENT, EnrolmentAction
from services.training.models import Base
from shared.persistence import AggregateRow


class Enrolment(AggregateRow["Enrolment", EnrolmentAction], Base):
    """A person's place in a class, got by presenting a voucher.

    An exclusion constraint keeps a person out of two classes on one day; everything but status and code is fixed.
    """

    __tablename__ = "enrolments"
    __table_args__ = (
        Index("ix_enrolments_overdue", "status", "entered_at", postgresql_where="status IN ('attending')"),
        ForeignKeyConstraint(
            ["class_id", "institution", "skill_code", "level"],
            ["classes.id", "classes.institution", "classes.skill_code", "classes.level"],
        ),
        UniqueConstraint("jti"),
        ExcludeConstraint(
            ("person_id", "="),
            (func.daterange(literal_column("starts_on"), literal_column("ends_on"), "[]", type_=DATERANGE), "&&"),
            where=text("status IN ('requested', 'registered', 'attending')"),
            name="ex_enrolments_person_days",
        ),
        UniqueConstraint("id", "class_id", "person_id"),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("starts_on <= ends_on", name="days"),
        CheckConstraint("(status IN ('refused', 'withdrawn')) = (reason_code IS NOT NULL)", name="reason_code"),
        CheckConstraint("payee_kind IN ('institution', 'enterprise', 'worker')", name="payee_kind"),
        CheckConstraint("(payee_kind = 'worker') = (mandate_id IS NULL)", name="mandate"),
        Index(
            "uq_enrolments_voucher_id",
            "voucher_id",
            unique=True,
            postgresql_where="status IN ('requested', 'registered', 'attending', 'completed')",
        ),
        Index("ix_enrolments_person_id", "person_id"),
        Index("ix_enrolments_class_id", "class_id", "id"),
    )
    lifecycle = ENROLMENT

    voucher_id: Mapped[UUID]
    person_id: Mapped[UUID]
    class_id: Mapped[UUID]
    institution: Mapped[str] = mapped_column(Text)
    class_area: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    payee_kind: Mapped[str] = mapped_column(Text)
    payee_id: Mapped[str] = mapped_column(Text)
    mandate_id: Mapped[UUID | None]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    employer: Mapped[str | None] = mapped_column(Text)
    school: Mapped[str | None] = mapped_column(Text)
    jti: Mapped[UUID]
    """Of the presence code: it is used once."""
    presented_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason_code: Mapped[str | None] = mapped_column(Text)
    """Why it was refused or withdrawn."""


class ClassSeats(Base):
    """How many seats of a class are taken; requested enrolments count. A counter: no version, no event."""

    __tablename__ = "class_seats"
    __table_args__ = (CheckConstraint("taken BETWEEN 0 AND seats", name="taken"),)

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    seats: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer)

    @property
    def free(self) -> int:
        """How many are not taken."""
        return self.seats - self.taken
