"""Cases of clawback, every movement of what is owed, what is set off while the bank has it, and money that came in."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.clawbacks.domain import (
    CLAWBACK,
    ClawbackAction,
    ClawbackExists,
    ClawbackFacts,
    ClawbackSamePerson,
    ClawbackState,
    Measure,
    Movement,
    MovementKind,
    OffsetPending,
)
from services.payout.models import Base
from shared.kernel.ids import uuid7
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons


class Clawback(AggregateRow["Clawback", ClawbackAction], Base):
    """One debt: the payee that was paid owes the fund. A payout has one case.

    What is owed is moved by movements alone: a trigger adds them.
    """

    __tablename__ = "clawbacks"
    __table_args__ = (
        UniqueConstraint("id", "payout_id", name="uq_clawbacks_payout_id"),
        ForeignKeyConstraint(["payout_id", "fund_id"], ["payouts.id", "payouts.fund_id"], name="fk_clawbacks_fund"),
        ForeignKeyConstraint(
            ["payout_id", "amount_fen", "debtor_kind", "debtor_id"],
            ["payouts.id", "payouts.amount_fen", "payouts.payee_kind", "payouts.payee_id"],
            name="fk_clawbacks_payout",
        ),
        Index("uq_clawbacks_payout", "payout_id", unique=True, postgresql_where=text("status <> 'rejected'")),
        Index("ix_clawbacks_debtor", "debtor_id", "fund_id"),
        Index("ix_clawbacks_status", "status", "id"),
        CheckConstraint("outstanding_fen BETWEEN 0 AND amount_fen", name="outstanding"),
        CheckConstraint("status NOT IN ('settled', 'written_off') OR outstanding_fen = 0", name="ended"),
        CheckConstraint("status IN ('proposed', 'rejected') OR due_on IS NOT NULL", name="due"),
        CheckConstraint("measure IN ('fraud', 'instalments', 'enforcement', 'write_off')", name="measure"),
        CheckConstraint("measure IS NULL OR measure_by IS NOT NULL", name="proposed"),
        CheckConstraint(
            "measure <> 'instalments' OR measure_parts IS NOT NULL AND measure_due_on IS NOT NULL", name="parts"
        ),
        CheckConstraint(
            "measure_by <> endorsed_by AND measure_by <> decided_by AND endorsed_by <> decided_by",
            name="distinct_persons",
        ),
    )
    lifecycle = CLAWBACK

    payout_id: Mapped[UUID]
    fund_id: Mapped[UUID]
    area: Mapped[str] = mapped_column(Text)
    debtor_kind: Mapped[str] = mapped_column(Text)
    debtor_id: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    outstanding_fen: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    reason_code: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    measure: Mapped[str | None] = mapped_column(Text)
    """What is proposed and waits for a decision."""
    measure_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    """Who proposed last."""
    endorsed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    """Who decided last on what was proposed."""
    measure_parts: Mapped[int | None] = mapped_column(SmallInteger)
    measure_due_on: Mapped[date | None] = mapped_column(Date)
    plan_parts: Mapped[int | None] = mapped_column(SmallInteger)
    """Into how many monthly parts the debt is divided, as agreed."""
    plan_due_on: Mapped[date | None] = mapped_column(Date)
    plan_fen: Mapped[int | None] = mapped_column(BigInteger)
    """What was owed when the plan was agreed."""

    def facts(self) -> ClawbackFacts:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in ClawbackFacts.__slots__ if name not in ("status", "measure")}
        measure = None if self.measure is None else Measure(self.measure)
        return ClawbackFacts(status=ClawbackState(self.status), measure=measure, **own)


class ClawbackOffset(Base):
    """What of an instruction goes to a debt instead: written down when it is sent, in force when the bank has paid."""

    __tablename__ = "clawback_offsets"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        Index("ix_clawback_offsets_clawback", "clawback_id"),
    )

    instruction_id: Mapped[UUID] = mapped_column(ForeignKey("instructions.id"), primary_key=True)
    clawback_id: Mapped[UUID] = mapped_column(ForeignKey("clawbacks.id"), primary_key=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)


class ClawbackMovement(Base):
    """One line of the statement: append-only. Each has its transaction in the ledger."""

    __tablename__ = "clawback_movements"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clawback_id", "payout_id"], ["clawbacks.id", "clawbacks.payout_id"], name="fk_clawback_movements_clawback"
        ),
        ForeignKeyConstraint(
            ["instruction_id", "clawback_id"],
            ["clawback_offsets.instruction_id", "clawback_offsets.clawback_id"],
            name="fk_clawback_movements_offset",
        ),
        CheckConstraint("kind IN ('debt', 'offset', 'incoming', 'write_off')", name="kind"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(kind = 'offset') = (instruction_id IS NOT NULL)", name="offset"),
        CheckConstraint("(kind = 'incoming') = (incoming_id IS NOT NULL)", name="incoming"),
        Index("uq_clawback_movements_debt", "clawback_id", unique=True, postgresql_where=text("kind = 'debt'")),
        Index(
            "uq_clawback_movements_offset", "instruction_id", "clawback_id",
            unique=True, postgresql_where=text("kind = 'offset'"),
        ),
        Index("ix_clawback_movements_clawback", "clawback_id", "id"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    clawback_id: Mapped[UUID]
    payout_id: Mapped[UUID]
    """The payout that is owed back."""
    kind: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    instruction_id: Mapped[UUID | None]
    incoming_id: Mapped[UUID | None] = mapped_column(ForeignKey("incoming_payments.id"))
    matched_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    business_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    def facts(self) -> Movement:
        """The line as it is shown."""
        return Movement(self.id, MovementKind(self.kind), self.amount_fen, self.business_at)


map_constraint("uq_clawbacks_payout", ClawbackExists)
map_constraint("ck_clawbacks_distinct_persons", ClawbackSamePerson)
map_constraint("tw_clawbacks", ClawbackSamePerson)
map_constraint("tw_clawback_movements", ClawbackSamePerson)
map_constraint("pe_clawback_movements", OffsetPending)
