"""What the bank reported by files: what it says never changes, what becomes of a row is written once."""

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
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.bank.domain import Answer
from services.payout.bank_reports.domain import (
    BANK_REPORT,
    BankReportAction,
    BankReportFacts,
    BankReportSamePerson,
    BankReportState,
    ReportRowFacts,
    RowKind,
    RowOutcome,
)
from services.payout.models import Base
from shared.kernel.ids import uuid7
from shared.persistence import AggregateRow, Busy, map_constraint
from shared.persons import persons

COLUMNS_OF_KINDS = """CASE kind
    WHEN 'answer' THEN num_nonnulls(file_id, answer) = 2 AND num_nonnulls(reference, booked_on) = 0
    WHEN 'returned' THEN num_nonnulls(reference, booked_on, amount_fen, reason) = 4
        AND num_nonnulls(file_id, answer, number_index) = 0
    WHEN 'incoming' THEN num_nonnulls(reference, booked_on, amount_fen) = 3
        AND num_nonnulls(file_id, answer, number_index, named_id, instruction_id, reason) = 0
    ELSE false END"""


class BankReport(AggregateRow["BankReport", BankReportAction], Base):
    """A report of the bank about a file, or of credits; the same bytes are the same report, unless it was rejected."""

    __tablename__ = "bank_reports"
    __table_args__ = (
        UniqueConstraint("id", "file_id", name="uq_bank_reports_file"),
        Index("uq_bank_reports_digest", "digest", unique=True, postgresql_where=text("status <> 'rejected'")),
        Index("ix_bank_reports_overdue", "status", "entered_at", postgresql_where=text("status = 'uploaded'")),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        CheckConstraint("count > 0", name="count"),
        CheckConstraint("uploaded_by <> confirmed_by", name="distinct_persons"),
        CheckConstraint("status NOT IN ('confirmed', 'applied') OR confirmed_by IS NOT NULL", name="confirmed"),
    )
    lifecycle = BANK_REPORT

    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_files.id"))
    """The file that it answers; None where it notifies credits."""
    digest: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(Integer)
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))

    def facts(self) -> BankReportFacts:
        """The row for decisions and answers."""
        own = {name: getattr(self, name) for name in BankReportFacts.__slots__ if name != "status"}
        return BankReportFacts(status=BankReportState(self.status), **own)


class BankReportRow(Base):
    """What a report says of one instruction or credit, in one place of it; an account is only compared, never read."""

    __tablename__ = "bank_report_rows"
    __table_args__ = (
        UniqueConstraint("report_id", "number", name="uq_bank_report_rows_number"),
        ForeignKeyConstraint(
            ["report_id", "file_id"], ["bank_reports.id", "bank_reports.file_id"], name="fk_bank_report_rows_report"
        ),
        ForeignKeyConstraint(
            ["instruction_id", "file_id"],
            ["payment_file_items.instruction_id", "payment_file_items.file_id"],
            name="fk_bank_report_rows_item",
        ),
        Index(
            "uq_bank_report_rows_applied", "kind", "instruction_id", unique=True,
            postgresql_where=text("outcome = 'applied'"),
        ),
        Index("uq_bank_report_rows_credited", "reference", unique=True, postgresql_where=text("outcome = 'applied'")),
        Index("ix_bank_report_rows_waiting", "report_id", "number", postgresql_where=text("outcome IS NULL")),
        Index(
            "ix_bank_report_rows_held", "id",
            postgresql_where=text(
                "outcome IN ('contradictory', 'mismatched', 'unmatched') AND dismissed_at IS NULL"
            ),
        ),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(COLUMNS_OF_KINDS, name="columns"),
        CheckConstraint("reference ~ '^[0-9A-Za-z][0-9A-Za-z./_-]{0,34}$'", name="reference"),
        CheckConstraint("answer IN ('paid', 'failed', 'accepted')", name="answer"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("reason ~ '^[a-z][a-z0-9_]{0,47}$'", name="reason"),
        CheckConstraint(
            "outcome IN ('applied', 'known', 'contradictory', 'mismatched', 'unmatched')", name="outcome"
        ),
        CheckConstraint("(outcome IS NULL) = (judged_at IS NULL)", name="judged"),
        CheckConstraint(
            "CASE kind WHEN 'incoming' THEN coalesce(outcome IN ('applied', 'known', 'contradictory'), true)"
            " ELSE outcome IS NULL OR (outcome = 'unmatched') = (instruction_id IS NULL) END",
            name="matched",
        ),
        CheckConstraint(
            "proposed_by IS NULL OR coalesce(outcome IN ('contradictory', 'mismatched', 'unmatched'), false)",
            name="held",
        ),
        CheckConstraint("proposed_by <> dismissed_by", name="distinct_persons"),
        CheckConstraint("(dismissed_by IS NULL) = (dismissed_at IS NULL)", name="dismissed"),
        CheckConstraint("dismissed_by IS NULL OR proposed_by IS NOT NULL", name="proposed"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("bank_reports.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text, server_default=RowKind.ANSWER)
    file_id: Mapped[UUID | None]
    named_id: Mapped[UUID | None]
    instruction_id: Mapped[UUID | None] = mapped_column(ForeignKey("instructions.id"))
    """The instruction that it is about; where a file is answered, the key makes it one of that file."""
    answer: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    """The bank's own, of a credit; applied once for ever."""
    booked_on: Mapped[date | None] = mapped_column(Date)
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Blind index of the account number that the bank repeats."""
    reason: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    judged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    dismissed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    dismissed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def facts(self) -> ReportRowFacts:
        """The row for decisions and answers."""
        words = ("kind", "answer", "outcome")
        own = {name: getattr(self, name) for name in ReportRowFacts.__slots__ if name not in words}
        answer = None if self.answer is None else Answer(self.answer)
        outcome = None if self.outcome is None else RowOutcome(self.outcome)
        return ReportRowFacts(kind=RowKind(self.kind), answer=answer, outcome=outcome, **own)


map_constraint("uq_bank_reports_digest", Busy)
map_constraint("ck_bank_reports_distinct_persons", BankReportSamePerson)
map_constraint("tw_bank_reports", BankReportSamePerson)
map_constraint("ck_bank_report_rows_distinct_persons", BankReportSamePerson)
map_constraint("tw_bank_report_rows", BankReportSamePerson)
