"""Files and what stands in them: rows are only added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
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
from services.payout.payment_files.domain import DownloadFacts, PaymentFileFacts
from shared.kernel.ids import uuid7
from shared.persistence import Busy, map_constraint
from shared.persons import persons


class PaymentFile(Base):
    """One version of a batch's file: what of the batch was sent and in no file yet. Its bytes are kept nowhere."""

    __tablename__ = "payment_files"
    __table_args__ = (
        UniqueConstraint("batch_id", "version", name="uq_payment_files_version"),
        UniqueConstraint("id", "digest", name="uq_payment_files_digest"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("channel IN ('iso20022', 'csv')", name="channel"),
        CheckConstraint("count > 0 AND amount_fen > 0", name="totals"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("payment_batches.id"))
    version: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(Integer)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Business time: the file says it too."""

    def facts(self) -> PaymentFileFacts:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in PaymentFileFacts.__slots__ if name != "channel"}
        return PaymentFileFacts(channel=BankChannel(self.channel), **own)


class PaymentFileItem(Base):
    """An instruction in a file: its own key, so that it stands in one file and never in another."""

    __tablename__ = "payment_file_items"
    __table_args__ = (
        UniqueConstraint("instruction_id", "file_id", name="uq_payment_file_items_file"),
        Index("ix_payment_file_items_file", "file_id"),
    )

    instruction_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.instruction_id"), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("payment_files.id"))


class PaymentFileDownload(Base):
    """Somebody took a file away, as it was written first: the key holds its digest."""

    __tablename__ = "payment_file_downloads"
    __table_args__ = (
        ForeignKeyConstraint(
            ["file_id", "digest"], ["payment_files.id", "payment_files.digest"], name="fk_payment_file_downloads_file"
        ),
        Index("ix_payment_file_downloads_file", "file_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    file_id: Mapped[UUID]
    digest: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    downloaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    def facts(self) -> DownloadFacts:
        """The row for answers."""
        return DownloadFacts(self.person_id, self.digest, self.downloaded_at)


map_constraint("uq_payment_files_version", Busy)
map_constraint("pk_payment_file_items", Busy)
