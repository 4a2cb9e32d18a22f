"""What training keeps of a person: that he is registered, and who survives a merger of two records."""

from uuid import UUID

from sqlalchemy import Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models import Base


class PersonFact(Base):
    """A registered person. Nothing personal is kept."""

    __tablename__ = "person_facts"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(Text)
    survivor_id: Mapped[UUID | None] = mapped_column(index=True)
    """The person that this record turned out to be."""
    version: Mapped[int] = mapped_column(Integer)
