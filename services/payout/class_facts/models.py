"""Classes that an officer of training has verified."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base


class ClassFact(Base):
    """A verified class. The database lets no payout of another one be checked (R20)."""

    __tablename__ = "class_facts"

    class_id: Mapped[UUID] = mapped_column(primary_key=True)
    verified_on: Mapped[date] = mapped_column(Date)
