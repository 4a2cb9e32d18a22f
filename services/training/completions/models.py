"""The table of completion tests."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models import Base


class CompletionTest(Base):
    """The score of a completion test (结业考核), one an enrolment: INSERT and SELECT only."""

    __tablename__ = "completion_tests"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("held_on <= (entered_at AT TIME ZONE 'Asia/Shanghai')::date", name="held_on"),
    )

    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolments.id"), primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger)
    held_on: Mapped[date] = mapped_column(Date)
    entered_by: Mapped[UUID | None]
    account: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
