"""Which certificate made which voucher payable."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.certifications.domain import CertificateUsed
from services.voucher.models import Base
from shared.kernel.occasion import FIRST
from shared.persistence import map_constraint

map_constraint("pk_voucher_certificates", CertificateUsed)


class VoucherCertificate(Base):
    """A certificate that a voucher was certified by: each certificate serves one voucher, once (A5). Append-only.

    A voucher has a second one only after the first was revoked before the payment (R3). The database
    compares person, skill, level and occasion with the voucher's, and lets no voucher be certified without a row.
    """

    __tablename__ = "voucher_certificates"
    __table_args__ = (
        UniqueConstraint("certificate_id", "voucher_id"),
        Index("ix_voucher_certificates_voucher_id", "voucher_id"),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
    )

    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("vouchers.id"))
    person_id: Mapped[UUID]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    occasion: Mapped[str] = mapped_column(Text, server_default=FIRST)
    assessed_on: Mapped[date] = mapped_column(Date)
    completed_on: Mapped[date] = mapped_column(Date)
    issued_on: Mapped[date] = mapped_column(Date)
