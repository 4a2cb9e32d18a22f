"""What the bank reported of returned money: what it says never changes, and two officers set aside what is held."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from services.payout.money_returns.domain import MoneyReturnFacts, MoneyReturnSamePerson
from shared.kernel.ids import uuid7
from shared.persistence import map_constraint
from shared.persons import persons


class MoneyReturn(Base):
    """One report, by the bank's own reference; an instruction's money comes back once."""

    __tablename__ = "money_returns"
    __table_args__ = (
        ForeignKeyConstraint(
            ["instruction_id", "payout_id"],
            ["instructions.id", "instructions.payout_id"],
            name="fk_money_returns_instruction",
        ),
        Index("uq_money_returns_reference", "reference", unique=True),
        Index("uq_money_returns_taken", "instruction_id", unique=True, postgresql_where=text("taken")),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("proposed_by <> dismissed_by", name="distinct_persons"),
        CheckConstraint("NOT taken OR proposed_by IS NULL", name="taken"),
        CheckConstraint("(dismissed_by IS NULL) = (dismissed_at IS NULL)", name="dismissed"),
        CheckConstraint("dismissed_by IS NULL OR proposed_by IS NOT NULL", name="proposed"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    reference: Mapped[str] = mapped_column(Text)
    """The bank's own, unique for ever."""
    instruction_id: Mapped[UUID]
    payout_id: Mapped[UUID]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(Text)
    taken: Mapped[bool] = mapped_column(Boolean)
    """Whether the payout went back by it."""
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    dismissed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    dismissed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def facts(self) -> MoneyReturnFacts:
        """The row for decisions and answers."""
        return MoneyReturnFacts(**{name: getattr(self, name) for name in MoneyReturnFacts.__slots__})


map_constraint("ck_money_returns_distinct_persons", MoneyReturnSamePerson)
map_constraint("tw_money_returns", MoneyReturnSamePerson)
