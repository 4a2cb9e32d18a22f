"""Tables of assessors."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.evaluation.assessors.domain import ASSESSOR, AssessorAction
from services.evaluation.models import Base
from shared.persistence import Busy, LifecycleRow, map_constraint
from shared.persons import persons

map_constraint("pk_assessors", Busy)


class AssessorSkill(Base):
    """A skill and level that the assessor may assess, and the body that vouches for it."""

    __tablename__ = "assessor_skills"
    __table_args__ = (CheckConstraint("level BETWEEN 0 AND 5", name="level"),)

    assessor_id: Mapped[UUID] = mapped_column(ForeignKey("assessors.id"), primary_key=True)
    skill_code: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(ForeignKey("bodies.id"), primary_key=True, index=True)


class Assessor(LifecycleRow["Assessor", AssessorAction], Base):
    """An assessor; the id is the person's, so one person is one assessor whichever bodies name them."""

    __tablename__ = "assessors"
    lifecycle = ASSESSOR

    id: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id), primary_key=True)
    body: Mapped[str] = mapped_column(ForeignKey("bodies.id"))
    """The body that registered the person first."""
    reason_code: Mapped[str | None]
    """Why the person was struck off."""
    skills: Mapped[list[AssessorSkill]] = relationship(
        lazy="selectin", order_by=[AssessorSkill.skill_code, AssessorSkill.level, AssessorSkill.body]
    )

    @property
    def person_id(self) -> UUID:
        """An assessor has the id of their person record."""
        return self.id
