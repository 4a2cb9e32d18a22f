"""A payout as it is stored, who decided what about it, and its holds, which a deferred trigger counts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from services.payout.payouts.domain import (
    PAYOUT,
    FactsIncomplete,
    Officers,
    PayoutAction,
    PayoutAlreadyLive,
    PayoutFacts,
    PayoutState,
    SamePerson,
)
from shared.kernel.occasion import FIRST
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons

LIVE = "status NOT IN ('rejected', 'withdrawn') AND (status <> 'reversed' OR debt_settled_at IS NULL)"
"""Not ended, and not reversed with its debt settled (D22)."""
OFFICERS = ("reviewed_by", "approved_by", "second_approved_by", "batched_by", "released_by")
DISTINCT_PERSONS = " AND ".join(
    f"{officer} <> {other}"
    for place, officer in enumerate(OFFICERS)
    for other in (*OFFICERS[place + 1 :], "person_id", "key_person_id")
)
"""A NULL makes its comparison unknown, which a CHECK lets pass; two equal persons make the whole false."""


class Payout(AggregateRow["Payout", PayoutAction], Base):
    """Public money owed for one certificate.

    What is owed to whom never changes; the columns of the officers make the CHECK of invariant 8.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        Index("ix_payouts_payee", "payee_id", "id"),
        Index("ix_payouts_overdue", "status", "entered_at", postgresql_where="status IN ('failed', 'returned')"),
        ForeignKeyConstraint(
            ["certificate_id", "person_id", "skill_code", "level", "occasion"],
            [
                "certificate_copies.certificate_id",
                "certificate_copies.person_id",
                "certificate_copies.skill_code",
                "certificate_copies.level",
                "certificate_copies.occasion",
            ],
            name="fk_payouts_certificate",
        ),
        ForeignKeyConstraint(
            ["notice_id", "area", "published_at", "notice_ends_at"],
            ["notices.id", "notices.area", "notices.published_at", "notices.ends_at"],
            name="fk_payouts_notice",
        ),
        UniqueConstraint("id", "amount_fen", "payee_kind", "payee_id", name="uq_payouts_owed"),
        UniqueConstraint("id", "fund_id", name="uq_payouts_fund"),
        UniqueConstraint("reopens"),
        Index(
            "uq_payouts_live_key",
            "key_person_id",
            "skill_code",
            "level",
            "benefit",
            "occasion",
            unique=True,
            postgresql_where=text(LIVE),
        ),
        Index("uq_payouts_live_voucher", "voucher_id", unique=True, postgresql_where=text(LIVE)),
        Index("uq_payouts_live_certificate", "certificate_id", "benefit", unique=True, postgresql_where=text(LIVE)),
        Index("ix_payouts_status", "status", "id"),
        Index("ix_payouts_institution", "institution", "id"),
        Index("ix_payouts_area", "area", "id"),
        Index("ix_payouts_person", "person_id"),
        Index("ix_payouts_judged_again", "code", "id", postgresql_where=text("status = 'rejected' AND NOT final")),
        Index(
            "ix_payouts_late_review",
            "opened_on",
            postgresql_where=text("status IN ('opened', 'checked', 'reviewed', 'approved')"),
        ),
        Index(
            "ix_payouts_late_disbursement",
            "notice_ends_at",
            postgresql_where=text("status IN ('cleared', 'batched')"),
        ),
        Index("ix_payouts_fund", "fund_id", "id", postgresql_where=text("fund_id IS NOT NULL")),
        Index("ix_payouts_notice", "notice_id", "id", postgresql_where=text("notice_id IS NOT NULL")),
        Index("ix_payouts_voucher", "voucher_id", "id"),
        Index(
            "ix_payouts_waiting",
            "fund_source",
            "area",
            "id",
            postgresql_where=text("status = 'opened' AND open_holds = 0"),
        ),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("payee_kind IN ('institution', 'enterprise', 'worker')", name="payee_kind"),
        CheckConstraint("payee_kind = 'worker' OR mandate_id IS NOT NULL", name="mandate"),
        CheckConstraint(
            "amount_fen > 0 AND rate_id IS NOT NULL OR status = 'rejected' AND amount_fen >= 0", name="rate"
        ),
        CheckConstraint("open_holds >= 0", name="open_holds"),
        CheckConstraint("attempt >= 0", name="attempt"),
        CheckConstraint(DISTINCT_PERSONS, name="distinct_persons"),
        CheckConstraint("status IN ('opened', 'rejected', 'withdrawn') OR fund_id IS NOT NULL", name="reserved"),
        CheckConstraint(
            "status IN ('opened', 'checked', 'rejected', 'withdrawn') OR reviewed_by IS NOT NULL", name="reviewed"
        ),
        CheckConstraint(
            "status IN ('opened', 'checked', 'reviewed', 'rejected', 'withdrawn')"
            " OR approved_by IS NOT NULL AND attempt > 0",
            name="approved",
        ),
        CheckConstraint(
            "status IN ('opened', 'checked', 'reviewed', 'approved', 'rejected', 'withdrawn')"
            " OR amount_fen <= second_approval_above_fen OR second_approved_by IS NOT NULL",
            name="second_approved",
        ),
        CheckConstraint(
            "status IN ('opened', 'checked', 'reviewed', 'approved', 'rejected', 'withdrawn')"
            " OR published_at IS NOT NULL AND notice_ends_at > published_at",
            name="published",
        ),
        CheckConstraint(
            "status NOT IN ('batched', 'sent', 'paid', 'failed', 'returned', 'unknown', 'reversed')"
            " OR batched_by IS NOT NULL",
            name="batched",
        ),
        CheckConstraint(
            "status NOT IN ('sent', 'paid', 'failed', 'returned', 'unknown', 'reversed') OR released_by IS NOT NULL",
            name="released",
        ),
        CheckConstraint("status NOT IN ('rejected', 'withdrawn', 'reversed') OR code IS NOT NULL", name="code"),
        CheckConstraint("NOT final OR status = 'rejected'", name="final"),
        CheckConstraint("debt_settled_at IS NULL OR status = 'reversed'", name="debt_settled"),
        CheckConstraint("offset_fen BETWEEN 0 AND amount_fen", name="offset"),
    )
    lifecycle = PAYOUT

    voucher_id: Mapped[UUID]
    person_id: Mapped[UUID]
    key_person_id: Mapped[UUID]
    """The person under whom the benefit is counted: the survivor where two records are one person."""
    certificate_id: Mapped[UUID]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    benefit: Mapped[str] = mapped_column(Text)
    occasion: Mapped[str] = mapped_column(Text, server_default=FIRST)
    """Which of the benefits for the skill and level: the first certificate's, or one review's (R7)."""
    programme: Mapped[str] = mapped_column(Text)
    fund_source: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    """The responsible area (属地): that of the class (§三(一))."""
    institution: Mapped[str] = mapped_column(Text)
    payee_kind: Mapped[str] = mapped_column(Text)
    payee_id: Mapped[str] = mapped_column(Text)
    mandate_id: Mapped[UUID | None]
    """The worker's signed mandate under which an organisation is paid in the worker's place (D5)."""
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("rates.id"))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    opened_on: Mapped[date] = mapped_column(Date)
    eligibility_decided_on: Mapped[date] = mapped_column(Date)
    second_approval_above_fen: Mapped[int] = mapped_column(BigInteger)
    fund_id: Mapped[UUID | None] = mapped_column(ForeignKey("funds.id"))
    attempt: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many instructions were pinned: one an approval."""
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    second_approved_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    batched_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey(persons.c.id))
    notice_id: Mapped[UUID | None]
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    notice_ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    code: Mapped[str | None] = mapped_column(Text)
    """Why it was refused, withdrawn, or failed at the bank last time."""
    final: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Two officers decided that nothing will be paid for the voucher (不予兑现, R2)."""
    reopens: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.id"))
    """The payout of the same voucher, rejected for good, that an upheld objection opened anew as this one (R2)."""
    debt_settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    offset_fen: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """What of it was set off against the payee's debt so far (R4)."""

    def facts(self) -> PayoutFacts:
        """The row as it is now, for decisions and answers."""
        officers = Officers(
            self.reviewed_by, self.approved_by, self.second_approved_by, self.batched_by, self.released_by
        )
        own = {name: getattr(self, name) for name in PayoutFacts.__slots__ if name not in ("status", "officers")}
        return PayoutFacts(status=PayoutState(self.status), officers=officers, **own)


class PayoutDecision(Base):
    """Who took which step of a payout: append-only, one row a step that a person took."""

    __tablename__ = "payout_decisions"

    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payouts.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    """The payout's version after the step."""
    action: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id))
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


map_constraint("uq_payouts_live_key", PayoutAlreadyLive)
map_constraint("uq_payouts_live_voucher", PayoutAlreadyLive)
map_constraint("uq_payouts_live_certificate", PayoutAlreadyLive)
map_constraint("ck_payouts_distinct_persons", SamePerson)
map_constraint("fc_payouts", FactsIncomplete)
map_constraint("ck_payout_holds_by_two", SamePerson)
