"""The rules in force by date, and every verdict that was given with what it was taken from."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import func, literal_column

from services.voucher.models import Base


class Rule(Base):
    """One figure of DOMAIN §6 with the dates on which it is in force: configuration, never a constant in code."""

    __tablename__ = "rules"
    __table_args__ = (
        CheckConstraint("value >= 0", name="not_negative"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        ExcludeConstraint(
            (literal_column("name"), "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to"), "[]", type_=DATERANGE), "&&"),
            name="ex_rules_one_at_a_time",
        ),
    )

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    """The last day on which it is in force; none while it still is."""
    value: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)


class EligibilityVerdict(Base):
    """A verdict on a voucher, at its claim and again at its certification. Append-only."""

    __tablename__ = "eligibility_verdicts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "skill_code", "level"],
            ["batch_skills.batch_id", "batch_skills.skill_code", "batch_skills.level"],
            name="fk_eligibility_verdicts_batch_skill",
        ),
        CheckConstraint("occasion IN ('claim', 'certification')", name="occasion"),
        CheckConstraint("verdict IN ('eligible', 'ineligible', 'unknown')", name="verdict"),
        CheckConstraint("occasion <> 'claim' OR verdict = 'eligible'", name="unknown_never_passes"),
        CheckConstraint("(verdict = 'eligible') = (cardinality(reasons) = 0)", name="reasons_given"),
    )

    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("vouchers.id"), primary_key=True)
    occasion: Mapped[str] = mapped_column(Text, primary_key=True)
    batch_id: Mapped[UUID]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    verdict: Mapped[str] = mapped_column(Text)
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What was known and which figures applied; group membership only by the id of its evidence."""
    rules_version: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date] = mapped_column(Date)
