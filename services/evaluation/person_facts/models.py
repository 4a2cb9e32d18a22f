"""What this service keeps of a person: no name, no number, only what events may carry."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.evaluation.models import Base


class PersonFacts(Base):
    """A verified person. `survivor_id` names the record that stands for this one after two were found to be one."""

    __tablename__ = "person_facts"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_digest: Mapped[str]
    area: Mapped[str]
    survivor_id: Mapped[UUID | None] = mapped_column(index=True)
    source_version: Mapped[int]
