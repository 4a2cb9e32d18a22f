"""The table of rules."""

from datetime import date

from sqlalchemy import Date, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models import Base


class Rule(Base):
    """A figure with the dates on which it is in force; no two values of one rule share a day."""

    __tablename__ = "rules"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    """The last day on which it is in force; none for an open end."""
    value: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
