"""Funds and what each source may pay."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, SmallInteger, Text, UniqueConstraint, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.funds.domain import FUND, Fund, FundAction, FundExhausted, FundExists, FundRule, FundState
from services.payout.models import Base
from shared.persistence import AggregateRow, map_constraint


class FundRow(AggregateRow["FundRow", FundAction], Base):
    """One source in one area and year. Its three figures are moved by ledger postings alone: a trigger adds them."""

    __tablename__ = "funds"
    __table_args__ = (
        UniqueConstraint("fund_source", "area", "year", name="uq_funds_key"),
        CheckConstraint("budget_fen >= 0 AND reserved_fen >= 0 AND spent_fen >= 0", name="not_negative"),
        CheckConstraint("reserved_fen + spent_fen <= budget_fen", name="within_budget"),
        CheckConstraint("year BETWEEN 2021 AND 2099", name="year"),
    )
    lifecycle = FUND

    fund_source: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    year: Mapped[int] = mapped_column(SmallInteger)
    budget_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reserved_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    spent_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")

    def facts(self) -> Fund:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in Fund.__slots__ if name != "status"}
        return Fund(status=FundState(self.status), **own)


class FundRuleRow(Base):
    """专款专用 as data; only a migration writes it. `audience` is confirmed by the officer who approves a batch."""

    __tablename__ = "fund_rules"
    __table_args__ = (
        ExcludeConstraint(
            ("fund_source", "="),
            ("programme", "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to"), "[]"), "&&"),
            name="ex_fund_rules_overlap",
        ),
    )

    fund_source: Mapped[str] = mapped_column(Text, primary_key=True)
    programme: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    audience: Mapped[str] = mapped_column(Text)
    confirm: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)

    def facts(self) -> FundRule:
        """The row for decisions."""
        return FundRule(self.fund_source, self.programme, self.valid_from, self.valid_to)


map_constraint("uq_funds_key", FundExists)
map_constraint("ck_funds_within_budget", FundExhausted)
