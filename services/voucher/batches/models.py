"""Voucher batches with their skills and, for targeted ones, the people listed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.voucher.batches.domain import (
    BATCH,
    BatchAction,
    BatchFacts,
    BatchKind,
    BatchSelfApproval,
    BatchState,
    QuotaExhausted,
)
from services.voucher.eligibility.domain import Audience
from services.voucher.models import Base
from services.voucher.vouchers.domain import VoucherTerms
from shared.persistence import AggregateRow, map_constraint

map_constraint("ck_batches_quota", QuotaExhausted)
map_constraint("ck_batches_two_officers", BatchSelfApproval)


class BatchSkill(Base):
    """A skill and level that holders may choose."""

    __tablename__ = "batch_skills"
    __table_args__ = (CheckConstraint("level BETWEEN 0 AND 5", name="level"),)

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    skill_code: Mapped[str] = mapped_column(Text, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)


class FundRule(Base):
    """A source of money and a programme that it may pay, by date (§三(三) 专款专用; `fund_rules.csv`)."""

    __tablename__ = "fund_rules"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),)

    fund_source: Mapped[str] = mapped_column(Text, primary_key=True)
    programme: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)


class BatchHolder(Base):
    """Somebody to whom a targeted batch offers a voucher when it is approved."""

    __tablename__ = "batch_holders"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)


class Batch(AggregateRow["Batch", BatchAction], Base):
    """A voucher batch. `claimed` and `returned` count by a trigger of `vouchers`, so that no writer can forget."""

    __tablename__ = "batches"
    __table_args__ = (
        UniqueConstraint("id", "programme", "fund_source", "rules_version", name="uq_batches_terms"),
        CheckConstraint("kind IN ('general', 'targeted')", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("returned >= 0 AND returned <= claimed AND claimed - returned <= quantity", name="quota"),
        CheckConstraint("claim_from < claim_until", name="claim_window"),
        CheckConstraint("validity_days > 0", name="validity"),
        CheckConstraint("cardinality(areas) > 0", name="some_area"),
        CheckConstraint("decided_by <> proposed_by", name="two_officers"),
        CheckConstraint("(status = 'proposed') = (decided_by IS NULL)", name="decided"),
        CheckConstraint("(status = 'rejected') = (reject_reason IS NOT NULL)", name="reject_reason"),
    )
    lifecycle = BATCH

    kind: Mapped[str] = mapped_column(Text)
    programme: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    fund_source: Mapped[str] = mapped_column(Text)
    rules_version: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(Integer)
    claimed: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    returned: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    areas: Mapped[list[str]] = mapped_column(ARRAY(Text))
    audience_groups: Mapped[list[str]] = mapped_column(ARRAY(Text))
    claim_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    claim_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    validity_days: Mapped[int] = mapped_column(Integer)
    proposed_by: Mapped[UUID]
    decided_by: Mapped[UUID | None]
    """The officer who approved or rejected it, never the one who proposed."""
    reject_reason: Mapped[str | None] = mapped_column(Text)

    skills: Mapped[list[BatchSkill]] = relationship(lazy="selectin", order_by=(BatchSkill.skill_code, BatchSkill.level))

    def facts(self) -> BatchFacts:
        """What a claim looks at."""
        return BatchFacts(
            terms=VoucherTerms(self.id, self.programme, self.fund_source, self.rules_version),
            kind=BatchKind(self.kind),
            status=BatchState(self.status),
            audience=Audience(frozenset(self.areas), frozenset(self.audience_groups)),
            skills=frozenset((skill.skill_code, skill.level) for skill in self.skills),
            claim_from=self.claim_from,
            claim_until=self.claim_until,
            validity_days=self.validity_days,
            quantity=self.quantity,
            claimed=self.claimed,
            returned=self.returned,
        )
