"""The table of dated rules."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from services.evaluation.models import Base


class RuleRow(Base):
    """One value of a rule from `valid_from` to `valid_to`, both included, and where it comes from.

    The database lets no two values of a rule be in force on one day.
    """

    __tablename__ = "rules"

    name: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    value: Mapped[int]
    source: Mapped[str]
