"""The rate table, dated; only a migration writes it."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, Integer, SmallInteger, Text, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from services.payout.rates.domain import Rate


class RateRow(Base):
    """What one programme pays for one kind and level of certificate, in fen."""

    __tablename__ = "rates"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("act IN ('first', 'review')", name="act"),
        ExcludeConstraint(
            ("programme", "="),
            ("certificate_kind", "="),
            ("level", "="),
            ("act", "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to"), "[]"), "&&"),
            name="ex_rates_overlap",
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    programme: Mapped[str] = mapped_column(Text)
    certificate_kind: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    payee: Mapped[str] = mapped_column(Text)
    confirm: Mapped[str] = mapped_column(Text)
    """Which fields the bureau has still to confirm."""
    source: Mapped[str] = mapped_column(Text)

    def facts(self) -> Rate:
        """The row for decisions."""
        return Rate(**{name: getattr(self, name) for name in Rate.__slots__})
