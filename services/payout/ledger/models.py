"""Transactions and their postings: INSERT and SELECT only (DOMAIN §4, 11)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from shared.kernel.ids import uuid7


class LedgerTransaction(Base):
    """One movement of money inside a fund.

    A payout reserves once, and is then either freed or spent, once: unique indexes, whatever the program does.
    """

    __tablename__ = "ledger_transactions"
    __table_args__ = (
        UniqueConstraint("id", "fund_id", name="uq_ledger_transactions_fund"),
        CheckConstraint("kind IN ('budget', 'reserve', 'free', 'spend')", name="kind"),
        CheckConstraint("(kind = 'budget') = (payout_id IS NULL)", name="payout"),
        Index("uq_ledger_transactions_reserve", "payout_id", unique=True, postgresql_where=text("kind = 'reserve'")),
        Index(
            "uq_ledger_transactions_end", "payout_id", unique=True, postgresql_where=text("kind IN ('free', 'spend')")
        ),
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
        CheckConstraint("account IN ('appropriation', 'available', 'reserved', 'spent')", name="account"),
        CheckConstraint("amount_fen <> 0", name="amount"),
        Index("ix_ledger_postings_balance", "fund_id", "account", postgresql_include=["amount_fen"]),
    )

    transaction_id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    fund_id: Mapped[UUID]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
