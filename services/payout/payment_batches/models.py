"""Payment batches and what is on them."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.bank.domain import BankChannel
from services.payout.models import Base
from services.payout.payment_batches.domain import (
    PAYMENT_BATCH,
    PaymentBatchAction,
    PaymentBatchFacts,
    PaymentBatchItemFacts,
    PaymentBatchState,
)
from services.payout.payouts.domain import SamePerson
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons


class PaymentBatch(AggregateRow["PaymentBatch", PaymentBatchAction], Base):
    """A batch; what is on it never changes after it was built."""

    __tablename__ = "payment_batches"
    __table_args__ = (
        UniqueConstraint("id", "fund_id", name="uq_payment_batches_fund"),
        CheckConstraint("count > 0", name="count"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "built_by <> released_by AND built_by <> endorsed_by AND endorsed_by <> released_by",
            name="distinct_persons",
        ),
        CheckConstraint(
            "status = 'built' OR amount_fen <= second_release_above_fen OR endorsed_by IS NOT NULL",
            name="released_by_two",
        ),
        CheckConstraint("status = 'built' OR released_by IS NOT NULL", name="released"),
        CheckConstraint("channel IN ('http', 'iso20022', 'csv')", name="channel"),
        Index("ix_payment_batches_status", "status", "id"),
    )
    lifecycle = PAYMENT_BATCH

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("funds.id"))
    area: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(Integer)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    built_by: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    second_release_above_fen: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(Text, default=BankChannel.HTTP, server_default=BankChannel.HTTP)
    """By which way it reaches the bank."""
    endorsed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    """The first of the two who release a batch above the limit (R18)."""
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))

    def facts(self) -> PaymentBatchFacts:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in PaymentBatchFacts.__slots__ if name not in ("status", "channel")}
        return PaymentBatchFacts(status=PaymentBatchState(self.status), channel=BankChannel(self.channel), **own)


class PaymentBatchItem(Base):
    """An instruction on a batch: append-only. An attempt is on one batch, and its money in the batch's fund."""

    __tablename__ = "payment_batch_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "fund_id"], ["payment_batches.id", "payment_batches.fund_id"],
            name="fk_payment_batch_items_batch",
        ),
        ForeignKeyConstraint(
            ["payout_id", "fund_id"], ["payouts.id", "payouts.fund_id"], name="fk_payment_batch_items_payout"
        ),
        ForeignKeyConstraint(
            ["payout_id", "attempt"], ["instructions.payout_id", "instructions.attempt"],
            name="fk_payment_batch_items_instruction",
        ),
        Index("ix_payment_batch_items_batch", "batch_id"),
    )  # fmt: skip

    payout_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True)
    batch_id: Mapped[UUID]
    fund_id: Mapped[UUID]

    def facts(self) -> PaymentBatchItemFacts:
        """The row for decisions."""
        return PaymentBatchItemFacts(self.batch_id, self.payout_id, self.attempt)


map_constraint("ck_payment_batches_distinct_persons", SamePerson)
