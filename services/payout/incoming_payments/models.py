"""Incoming payments: what the bank said of them never changes, and how much is matched is moved by movements alone."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.incoming_payments.domain import IncomingFacts, IncomingPaymentExists, IncomingPaymentUsed
from services.payout.models import Base
from shared.kernel.ids import uuid7
from shared.persistence import map_constraint
from shared.persons import persons


class IncomingPayment(Base):
    """Money that came to the account, by the bank's own reference; no payer's name is kept."""

    __tablename__ = "incoming_payments"
    __table_args__ = (
        UniqueConstraint("reference", name="uq_incoming_payments_reference"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("matched_fen BETWEEN 0 AND amount_fen", name="matched"),
        Index("ix_incoming_payments_free", "id", postgresql_where=text("matched_fen < amount_fen")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    reference: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    matched_fen: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """What of it is some debt's: moved by movements alone."""
    received_on: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    """Who typed it; null if it is from the bank's own list."""
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    def facts(self) -> IncomingFacts:
        """The row for decisions and answers."""
        return IncomingFacts(**{name: getattr(self, name) for name in IncomingFacts.__slots__})


map_constraint("uq_incoming_payments_reference", IncomingPaymentExists)
map_constraint("ck_incoming_payments_matched", IncomingPaymentUsed)
