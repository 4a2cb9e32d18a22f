"""Vouchers and the holds on them: whatever of their rules a database can hold, it holds."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
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
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.models import Base
from services.voucher.vouchers.domain import (
    BINDING,
    LIVE,
    VOUCHER,
    VoucherAction,
    VoucherAlreadyLive,
    VoucherFacts,
    VoucherState,
    VoucherTerms,
)
from shared.kernel.ids import uuid7
from shared.persistence import AggregateRow, map_constraint

map_constraint("uq_vouchers_live", VoucherAlreadyLive)


def _status_in(statuses: frozenset[VoucherState]) -> str:
    return "status IN ({})".format(", ".join(f"'{status}'" for status in sorted(statuses)))


class Voucher(AggregateRow["Voucher", VoucherAction], Base):
    """One voucher of one holder, for one skill and level since its claim. The holder never changes (A4)."""

    __tablename__ = "vouchers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "programme", "fund_source", "rules_version"],
            ["batches.id", "batches.programme", "batches.fund_source", "batches.rules_version"],
            name="fk_vouchers_batch_terms",
        ),
        ForeignKeyConstraint(
            ["mandate_id", "id", "person_id", "payee_id"],
            ["mandates.id", "mandates.voucher_id", "mandates.person_id", "mandates.payee_id"],
            name="fk_vouchers_mandate",
        ),
        UniqueConstraint("number"),
        Index("uq_vouchers_live", "person_id", "programme", unique=True, postgresql_where=_status_in(LIVE)),
        Index("ix_vouchers_person_id_id", "person_id", "id"),
        Index("ix_vouchers_area_id", "area", "id"),
        Index("ix_vouchers_institution_id", "institution", "id", postgresql_where="institution IS NOT NULL"),
        Index("ix_vouchers_valid_until", "valid_until", postgresql_where="status IN ('claimed', 'offered')"),
        Index("ix_vouchers_ends_on", "ends_on", postgresql_where="status = 'in_use'"),
        Index("ix_vouchers_certificate_id", "certificate_id", postgresql_where="certificate_id IS NOT NULL"),
        Index(
            "ix_vouchers_cancellation_lapses_at",
            "cancellation_lapses_at",
            postgresql_where="cancellation_lapses_at IS NOT NULL",
        ),
        Index("ix_vouchers_certified_on", "certified_on", postgresql_where="status = 'certified'"),
        CheckConstraint("open_holds >= 0", name="open_holds"),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint(
            "num_nonnulls(skill_code, level, occasion, claimed_at, eligibility_decided_on) IN (0, 5)", name="claim"
        ),
        CheckConstraint("status IN ('offered', 'expired', 'cancelled') OR claimed_at IS NOT NULL", name="claimed"),
        CheckConstraint("status <> 'offered' OR claimed_at IS NULL", name="offered"),
        CheckConstraint(f"num_nonnulls({', '.join(BINDING)}) IN (0, {len(BINDING)})", name="binding"),
        CheckConstraint(
            "CASE WHEN enrolment_id IS NULL THEN mandate_id IS NULL "
            "ELSE (payee_kind = 'worker') = (mandate_id IS NULL) END",
            name="mandate",
        ),
        CheckConstraint("payee_kind <> 'worker' OR payee_id = person_id::text", name="worker_paid"),
        CheckConstraint(
            "status = 'cancelled' "
            "OR (status IN ('offered', 'claimed', 'expired', 'given_back')) = (enrolment_id IS NULL)",
            name="bound",
        ),
        CheckConstraint("(status IN ('settling', 'redeemed', 'clawed_back')) = (payout_id IS NOT NULL)", name="payout"),
        ForeignKeyConstraint(
            ["certificate_id", "id"],
            ["voucher_certificates.certificate_id", "voucher_certificates.voucher_id"],
            name="fk_vouchers_certificate",
            use_alter=True,
        ),
        CheckConstraint("(certificate_id IS NULL) = (certified_on IS NULL)", name="certified_by"),
        CheckConstraint(
            "CASE WHEN status IN ('certified', 'settling') THEN certificate_id IS NOT NULL "
            "ELSE certificate_id IS NULL OR status IN ('redeemed', 'lapsed', 'clawed_back') END",
            name="certified",
        ),
        CheckConstraint("enrolment_id IS NOT NULL OR certify_by IS NULL", name="certify_by"),
        CheckConstraint("failed_trainings BETWEEN 0 AND 1", name="failed_trainings"),
        CheckConstraint(
            "num_nonnulls(cancel_proposed_by, cancel_reason_code, cancellation_lapses_at) IN (0, 3)",
            name="cancel_proposal",
        ),
        CheckConstraint("(held_since IS NULL) = (open_holds = 0)", name="held_since"),
        CheckConstraint(
            "(status = 'cancelled') = (cancelled_by IS NOT NULL) "
            "AND (cancelled_by IS NULL OR cancel_proposed_by IS NOT NULL)",
            name="cancelled",
        ),
        CheckConstraint("cancelled_by <> cancel_proposed_by", name="two_officers"),
    )
    lifecycle = VOUCHER

    number: Mapped[str] = mapped_column(Text)
    """What people read out; no secret and no proof of anything."""
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    batch_id: Mapped[UUID]
    programme: Mapped[str] = mapped_column(Text)
    fund_source: Mapped[str] = mapped_column(Text)
    rules_version: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """While offered the end of the claim window, then the end of the time in which it may be presented (D3)."""

    skill_code: Mapped[str | None] = mapped_column(Text)
    level: Mapped[int | None] = mapped_column(SmallInteger)
    occasion: Mapped[str | None] = mapped_column(Text)
    """What it is for: a first certificate, or the review of a permit that is due on a day (R7)."""
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    eligibility_decided_on: Mapped[date | None] = mapped_column(Date)
    """Business date of the latest verdict: the claim's, later the certification's, then of an answer after it."""

    enrolment_id: Mapped[UUID | None]
    class_id: Mapped[UUID | None]
    class_area: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str | None] = mapped_column(Text)
    institution: Mapped[str | None] = mapped_column(Text)
    payee_kind: Mapped[str | None] = mapped_column(Text)
    payee_id: Mapped[str | None] = mapped_column(Text)
    mandate_id: Mapped[UUID | None]
    """The holder's own mandate, under which an organisation is paid in their place (D5)."""
    act: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)

    certificate_id: Mapped[UUID | None]
    """The certificate that made it payable, until that one is revoked before the payment (R3)."""
    certified_on: Mapped[date | None] = mapped_column(Date)
    """Business date of the certification: unpaid, the voucher lapses D26's days later."""
    certify_by: Mapped[date | None] = mapped_column(Date)
    """The last day on which another certificate may be issued after a revocation (R3); with the enrolment it goes."""
    failed_trainings: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """Whether its holder failed a training with it: the first gives it back, the second voids it (D28)."""
    payout_id: Mapped[UUID | None]
    """The payout that it settles with, or was redeemed by."""
    cancel_proposed_by: Mapped[UUID | None]
    cancel_reason_code: Mapped[str | None] = mapped_column(Text)
    cancelled_by: Mapped[UUID | None]
    cancellation_lapses_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the proposal to cancel is over, if nobody decides on it (R6)."""
    held_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it has been held without a break; the clock of its validity stands still (R6)."""
    in_quota: Mapped[bool] = mapped_column(Boolean, server_default=true())
    """Whether its batch counts it; kept by a trigger."""
    warned_days: Mapped[int | None] = mapped_column(SmallInteger)
    """How many days before its end its holder was last warned (R6)."""

    @property
    def held(self) -> bool:
        """Whether decisions wait for a hold to be lifted."""
        return self.open_holds > 0

    def facts(self) -> VoucherFacts:
        """What the guards look at."""
        return VoucherFacts(
            voucher_id=self.id,
            person_id=self.person_id,
            terms=VoucherTerms(self.batch_id, self.programme, self.fund_source, self.rules_version),
            status=VoucherState(self.status),
            open_holds=self.open_holds,
            skill_code=self.skill_code,
            level=self.level,
            occasion=self.occasion,
            claimed_at=self.claimed_at,
            valid_until=self.valid_until,
            enrolment_id=self.enrolment_id,
            class_id=self.class_id,
            ends_on=self.ends_on,
            certify_by=self.certify_by,
            failed_trainings=self.failed_trainings,
            certificate_id=self.certificate_id,
            payout_id=self.payout_id,
        )


class VoucherHold(Base):
    """Why a voucher is held; it stays when it is lifted, with who lifted it."""

    __tablename__ = "voucher_holds"
    __table_args__ = (
        CheckConstraint(
            "CASE WHEN lifted_at IS NULL OR placed_by IS NULL THEN lifted_by IS NULL ELSE lifted_by IS NOT NULL END",
            name="lifted",
        ),
        CheckConstraint("(placed_by IS NULL) = (reason_code = 'holder_deceased')", name="placed"),
        Index(
            "uq_voucher_holds_register",
            "voucher_id",
            unique=True,
            postgresql_where="placed_by IS NULL AND lifted_at IS NULL",
        ),
        Index("ix_voucher_holds_voucher_id", "voucher_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("vouchers.id"))
    reason_code: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[UUID | None]
    """The officer; None where the register of deaths placed it, whose answer lifts it (R10)."""
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
