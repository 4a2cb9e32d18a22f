"""The table of mergers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.mergers.domain import (
    MERGER,
    STANDING,
    MergerAction,
    MergerPending,
    MergerSelfApproval,
    MergerUsed,
)
from services.voucher.models import Base
from shared.persistence import AggregateRow, map_constraint

map_constraint("uq_mergers_standing", MergerPending)
map_constraint("ck_mergers_two_officers", MergerSelfApproval)
map_constraint("ck_mergers_unused", MergerUsed)


class Merger(AggregateRow["Merger", MergerAction], Base):
    """That a record is of the same person as another, which stands for both from the approval on (R16)."""

    __tablename__ = "mergers"
    __table_args__ = (
        CheckConstraint("person_id <> survivor_id", name="two_records"),
        CheckConstraint("proposed_by <> decided_by", name="approved_by_another"),
        CheckConstraint("separation_proposed_by <> separated_by", name="separated_by_another"),
        CheckConstraint("(status IN ('proposed', 'withdrawn')) = (decided_by IS NULL)", name="decided"),
        CheckConstraint(
            "(status IN ('merged', 'separation_proposed', 'separated')) = (merged_at IS NOT NULL)", name="merged"
        ),
        CheckConstraint(
            "num_nonnulls(separation_proposed_by, separation_reason_code, separation_evidence_encrypted) = "
            "CASE WHEN status IN ('separation_proposed', 'separated') THEN 3 ELSE 0 END",
            name="separation",
        ),
        CheckConstraint("(status = 'separated') = (separated_by IS NOT NULL)", name="separated"),
        Index(
            "uq_mergers_standing",
            "person_id",
            unique=True,
            postgresql_where="status IN ({})".format(", ".join(f"'{state}'" for state in STANDING)),
        ),
        Index("ix_mergers_person_id", "person_id"),
        Index("ix_mergers_survivor_id", "survivor_id"),
    )
    lifecycle = MERGER

    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    """The record that stands no more once they are merged."""
    survivor_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    reason_code: Mapped[str] = mapped_column(Text)
    evidence_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    """What the officer saw, in words: it may name the person."""
    proposed_by: Mapped[UUID]
    decided_by: Mapped[UUID | None]
    """Who approved or refused it."""
    merged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    separation_reason_code: Mapped[str | None] = mapped_column(Text)
    separation_evidence_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    separation_proposed_by: Mapped[UUID | None]
    separated_by: Mapped[UUID | None]
    """Who agreed that the records are of two persons."""
