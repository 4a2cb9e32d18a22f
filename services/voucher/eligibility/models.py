"""Every verdict that was given, with what it was taken from."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.models import Base
from shared.kernel.ids import uuid7


class EligibilityVerdict(Base):
    """A verdict on a voucher: at its claim, at each certification, and at an answer after that. Append-only."""

    __tablename__ = "eligibility_verdicts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "skill_code", "level"],
            ["batch_skills.batch_id", "batch_skills.skill_code", "batch_skills.level"],
            name="fk_eligibility_verdicts_batch_skill",
        ),
        Index("ix_eligibility_verdicts_voucher_id", "voucher_id"),
        Index("uq_eligibility_verdicts_claim", "voucher_id", unique=True, postgresql_where="step = 'claim'"),
        CheckConstraint("step IN ('claim', 'certification', 'answer')", name="step"),
        CheckConstraint("verdict IN ('eligible', 'ineligible', 'unknown')", name="verdict"),
        CheckConstraint("step <> 'claim' OR verdict = 'eligible'", name="unknown_never_passes"),
        CheckConstraint("(verdict = 'eligible') = (cardinality(reasons) = 0)", name="reasons_given"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("vouchers.id"))
    step: Mapped[str] = mapped_column(Text)
    batch_id: Mapped[UUID]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    verdict: Mapped[str] = mapped_column(Text)
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What was known and which figures applied; group membership only by the id of its evidence."""
    rules_version: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date] = mapped_column(Date)
