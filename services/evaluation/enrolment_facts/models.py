"""The table of completed enrolments."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.evaluation.models import Base


class EnrolmentFact(Base):
    """What this service keeps of a completed enrolment."""

    __tablename__ = "enrolment_facts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    voucher_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(index=True)
    channel: Mapped[str]
    institution: Mapped[str]
    trainer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    employer: Mapped[str | None]
    school: Mapped[str | None]
    skill_code: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str]
    completed_on: Mapped[date]
