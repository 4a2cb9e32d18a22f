"""Vouchers as the voucher service describes them, and the holds that stand on them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.payout.models import Base
from services.payout.voucher_facts.domain import CertifiedVoucher
from shared.kernel.occasion import FIRST

MASKED_NAME = r"^(\*|[^[:space:]*]\*{1,99})$"
"""One character of a name and stars, or a star alone."""


class VoucherFact(Base):
    """One claimed voucher; `version` is the source's. What a later event says is empty until then."""

    __tablename__ = "voucher_facts"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("NOT row_lock", name="row_lock"),
        CheckConstraint(
            "certificate_id IS NULL OR class_area IS NOT NULL AND institution IS NOT NULL AND payee_kind IS NOT NULL"
            " AND payee_id IS NOT NULL AND eligibility IS NOT NULL",
            name="certified",
        ),
        CheckConstraint(f"masked_name ~ '{MASKED_NAME}'", name="masked_name"),
    )

    voucher_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[UUID]
    batch_id: Mapped[UUID]
    programme: Mapped[str] = mapped_column(Text)
    fund_source: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    occasion: Mapped[str] = mapped_column(Text, server_default=FIRST)
    rules_version: Mapped[str] = mapped_column(Text)
    eligibility_decided_on: Mapped[date] = mapped_column(Date)
    cancelled: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    lapsed: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Nothing is paid for it any more (R2)."""
    enrolment_id: Mapped[UUID | None]
    class_id: Mapped[UUID | None]
    class_area: Mapped[str | None] = mapped_column(Text)
    institution: Mapped[str | None] = mapped_column(Text)
    payee_kind: Mapped[str | None] = mapped_column(Text)
    payee_id: Mapped[str | None] = mapped_column(Text)
    mandate_id: Mapped[UUID | None]
    certificate_id: Mapped[UUID | None]
    eligibility: Mapped[str | None] = mapped_column(Text)
    masked_name: Mapped[str | None] = mapped_column(Text)
    """The holder as the public notice shows them (D19); payout knows no more of the name."""
    row_lock: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Never true. A role that may update this column, and no other, may lock the row."""

    def certified(self) -> CertifiedVoucher | None:
        """The row for the decision on opening; None as long as no certificate made it payable."""
        if (
            self.certificate_id is None
            or self.class_area is None
            or self.institution is None
            or self.payee_kind is None
            or self.payee_id is None
            or self.eligibility is None
        ):
            return None
        return CertifiedVoucher(
            id=self.voucher_id,
            person_id=self.person_id,
            programme=self.programme,
            fund_source=self.fund_source,
            skill_code=self.skill_code,
            level=self.level,
            occasion=self.occasion,
            area=self.class_area,
            institution=self.institution,
            payee_kind=self.payee_kind,
            payee_id=self.payee_id,
            mandate_id=self.mandate_id,
            certificate_id=self.certificate_id,
            eligibility=self.eligibility,
            eligibility_decided_on=self.eligibility_decided_on,
            cancelled=self.cancelled,
            lapsed=self.lapsed,
        )


class VoucherHold(Base):
    """A hold that stands, or stood, on a voucher; a payout that opens later opens held."""

    __tablename__ = "voucher_holds"
    __table_args__ = (CheckConstraint("lifted = (lifted_at IS NOT NULL)", name="lifted"),)

    hold_id: Mapped[UUID] = mapped_column(primary_key=True)
    voucher_id: Mapped[UUID] = mapped_column(index=True)
    reason_code: Mapped[str] = mapped_column(Text)
    lifted: Mapped[bool] = mapped_column(Boolean)
    held_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Since when it stands, business time."""
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
