"""Funds, what each source may pay, and the ledger, to which rows are only added (DOMAIN §4, 11)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.funds.domain import (
    FUND,
    FundAction,
    FundExhausted,
    FundExists,
    FundFacts,
    FundRule,
    FundSamePerson,
    FundState,
)
from services.payout.models import Base
from shared.kernel.ids import uuid7
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons


class Fund(AggregateRow["Fund", FundAction], Base):
    """One source in one area and year, its money proposed by one officer and approved by another.

    Its three figures are moved by ledger postings alone: a trigger adds them.
    """

    __tablename__ = "funds"
    __table_args__ = (
        Index(
            "uq_funds_key",
            "fund_source",
            "area",
            "year",
            unique=True,
            postgresql_where=text("status <> 'rejected'"),
        ),
        CheckConstraint("proposed_by <> approved_by", name="distinct_persons"),
        CheckConstraint("proposed_fen <> 0", name="proposed"),
        CheckConstraint("approved_fen >= 0", name="approved"),
        CheckConstraint("proposed_status IN ('carried_over', 'closed')", name="proposed_status"),
        CheckConstraint("num_nonnulls(proposed_fen, proposed_status) < 2", name="one_proposal"),
        CheckConstraint(
            "budget_fen >= 0 AND reserved_fen >= 0 AND spent_fen >= 0 AND receivable_fen >= 0 AND written_off_fen >= 0",
            name="not_negative",
        ),
        CheckConstraint(
            "reserved_fen + spent_fen + receivable_fen + written_off_fen <= budget_fen", name="within_budget"
        ),
        CheckConstraint("year BETWEEN 2021 AND 2099", name="year"),
    )
    lifecycle = FUND

    fund_source: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    year: Mapped[int] = mapped_column(SmallInteger)
    budget_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reserved_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    spent_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    approved_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """What was approved in all: the budget."""
    proposed_fen: Mapped[int | None] = mapped_column(BigInteger)
    """What waits for a second officer."""
    proposed_status: Mapped[str | None] = mapped_column(Text)
    """The end that waits for a second officer (R24)."""
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    """Who proposed last."""
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    receivable_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """What was paid and is owed back (R4)."""
    written_off_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")

    def facts(self) -> FundFacts:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in FundFacts.__slots__ if name not in {"status", "proposed_status"}}
        ending = FundState(self.proposed_status) if self.proposed_status else None
        return FundFacts(status=FundState(self.status), proposed_status=ending, **own)


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


class LedgerTransaction(Base):
    """One movement of money inside a fund.

    What stands reserved and spent for a payout is what its state says, at every commit: a trigger compares the sums.
    """

    __tablename__ = "ledger_transactions"
    __table_args__ = (
        UniqueConstraint("id", "fund_id", name="uq_ledger_transactions_fund"),
        CheckConstraint(
            "kind IN ('budget', 'reduction', 'reserve', 'free', 'spend', 'return', 'recall', 'recover', 'write_off')",
            name="kind",
        ),
        CheckConstraint("(kind IN ('budget', 'reduction')) = (payout_id IS NULL)", name="payout"),
        Index("ix_ledger_transactions_payout", "payout_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str] = mapped_column(Text)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("funds.id"))
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.id"))
    business_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LedgerPosting(Base):
    """One half of a transaction. The fund's figures are moved by these rows and by nothing else."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["transaction_id", "fund_id"],
            ["ledger_transactions.id", "ledger_transactions.fund_id"],
            name="fk_ledger_postings_transaction",
        ),
        CheckConstraint(
            "account IN ('appropriation', 'available', 'reserved', 'spent', 'receivable', 'written_off')",
            name="account",
        ),
        CheckConstraint("amount_fen <> 0", name="amount"),
        Index("ix_ledger_postings_balance", "fund_id", "account", postgresql_include=["amount_fen"]),
    )

    transaction_id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    fund_id: Mapped[UUID]
    amount_fen: Mapped[int] = mapped_column(BigInteger)


map_constraint("ck_funds_distinct_persons", FundSamePerson)
map_constraint("uq_funds_key", FundExists)
map_constraint("ck_funds_within_budget", FundExhausted)
