"""Pinned instructions, append-only, and how far each has come with the bank."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.bank.domain import BankChannel
from services.payout.instructions.domain import Instruction
from services.payout.models import Base


class InstructionRow(Base):
    """What an approval pinned: this amount to this version of this payee's account.

    The foreign keys make amount and payee the payout's, and the account the payee's. Nobody changes a row.
    """

    __tablename__ = "instructions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["payout_id", "amount_fen", "payee_kind", "payee_id"],
            ["payouts.id", "payouts.amount_fen", "payouts.payee_kind", "payouts.payee_id"],
            name="fk_instructions_payout",
        ),
        ForeignKeyConstraint(
            ["account_id", "payee_kind", "payee_id"],
            ["accounts.id", "accounts.owner_kind", "accounts.owner_id"],
            name="fk_instructions_account",
        ),
        UniqueConstraint("payout_id", "attempt", name="uq_instructions_attempt"),
        UniqueConstraint("id", "payout_id", name="uq_instructions_payout"),
        CheckConstraint("attempt > 0", name="attempt"),
        CheckConstraint("(attempt = 1) = (id = payout_id)", name="own_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payout_id: Mapped[UUID]
    attempt: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[UUID]
    payee_kind: Mapped[str] = mapped_column(Text)
    payee_id: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    pinned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    def facts(self) -> Instruction:
        """The row for decisions."""
        return Instruction(self.id, self.payout_id, self.attempt, self.account_id, self.amount_fen)


class Delivery(Base):
    """An instruction that may be with the bank: the intent, committed before the bank is called.

    At most one a payout has no final answer or was paid; only the worker's role writes here.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["instruction_id", "payout_id"], ["instructions.id", "instructions.payout_id"],
            name="fk_deliveries_instruction",
        ),
        CheckConstraint("calls >= 0", name="calls"),
        CheckConstraint("outcome IN ('paid', 'failed', 'returned')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(returned_at IS NOT NULL) = (outcome IS NOT DISTINCT FROM 'returned')", name="returned"),
        CheckConstraint("amount_fen >= 0", name="amount"),
        CheckConstraint("channel = 'http' OR calls = 0", name="called"),
        Index(
            "uq_deliveries_live", "payout_id",
            unique=True, postgresql_where=text("outcome IS NULL OR outcome = 'paid'"),
        ),
        Index("ix_deliveries_due", "next_call_at", postgresql_where=text("outcome IS NULL AND channel = 'http'")),
        Index(
            "ix_deliveries_unwritten", "instruction_id",
            postgresql_where=text("given_at IS NULL AND channel <> 'http'"),
        ),
    )  # fmt: skip

    instruction_id: Mapped[UUID] = mapped_column(primary_key=True)
    payout_id: Mapped[UUID]
    calls: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    next_call_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """The database's own time: the bank lives by it, not by business time."""
    channel: Mapped[str] = mapped_column(Text, default=BankChannel.HTTP, server_default=BankChannel.HTTP)
    """Its batch's: what goes in a file is never called for."""
    given_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it was given to the bank last, or written into a file, the database's own time."""
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    """What the bank is instructed to pay: the payout's amount less what is set off against a debt (R4)."""
    returned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the bank gave the money back after it had paid (R23), the database's own time."""
