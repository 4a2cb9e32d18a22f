"""The rate table, dated: written by migrations, and by a change that two officers approved."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Integer, SmallInteger, Text, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from services.payout.rates.domain import (
    RATE,
    Rate,
    RateAction,
    RateChangeFacts,
    RateChangeSamePerson,
    RateOverlaps,
    RateState,
)
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons


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


class RateChange(AggregateRow["RateChange", RateAction], Base):
    """What two officers make of the table; approved, a trigger writes it there, and ends the row that it replaces."""

    __tablename__ = "rate_changes"
    __table_args__ = (
        CheckConstraint("proposed_by <> decided_by", name="distinct_persons"),
        CheckConstraint("valid_to >= valid_from", name="days"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("status <> 'approved' OR decided_by IS NOT NULL", name="decided"),
    )
    lifecycle = RATE

    programme: Mapped[str] = mapped_column(Text)
    certificate_kind: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    payee: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("rates.id"))
    """The row that ends on the day before; null for an addition."""
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))

    def facts(self) -> RateChangeFacts:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in RateChangeFacts.__slots__ if name != "status"}
        return RateChangeFacts(status=RateState(self.status), **own)


map_constraint("ex_rates_overlap", RateOverlaps)
map_constraint("ck_rate_changes_distinct_persons", RateChangeSamePerson)
map_constraint("tw_rate_changes", RateChangeSamePerson)
