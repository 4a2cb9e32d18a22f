"""Rules by date: a new value is a new row, never a change of an old one."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, Text, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base


class DatedRule(Base):
    """The value of one rule from `valid_from` to `valid_to`, both days included."""

    __tablename__ = "dated_rules"
    __table_args__ = (
        CheckConstraint("value >= 0", name="value"),
        ExcludeConstraint(
            ("name", "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to"), "[]"), "&&"),
            name="ex_dated_rules_overlap",
        ),
    )

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    value: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
