"""One row for each voucher, enrolment, candidate, certificate and payout, written by the consumers alone.

No foreign key joins them: topics are not ordered among each other, so a payout may be received before its voucher.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.audit.models import Base


class FactRow(Base):
    """What every row has: how far it was received, where the thing stands now, why, and since when."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    """The version of the last event received of it: 1 when it is created, gapless."""
    status: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    """The reason or refusal that the last step named."""
    open_holds: Mapped[int] = mapped_column(Integer, server_default="0")
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Business time of the last event, UTC."""


class VoucherFact(FactRow):
    """A voucher. Skill, level and area are known from the claim on, the enrolment while it is bound."""

    __tablename__ = "voucher_facts"
    __table_args__ = (Index("ix_voucher_facts_person_id", "person_id"), Index("ix_voucher_facts_area", "area"))

    person_id: Mapped[UUID]
    batch_id: Mapped[UUID]
    programme: Mapped[str | None] = mapped_column(Text)
    fund_source: Mapped[str | None] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)
    skill_code: Mapped[str | None] = mapped_column(Text)
    level: Mapped[int | None] = mapped_column(SmallInteger)
    valid_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    enrolment_id: Mapped[UUID | None]
    class_id: Mapped[UUID | None]
    class_area: Mapped[str | None] = mapped_column(Text)
    institution: Mapped[str | None] = mapped_column(Text)
    certificate_id: Mapped[UUID | None]
    certify_refusal: Mapped[str | None] = mapped_column(Text)
    """Why the last certificate that named this voucher did not fit; empty again once another fits."""
    offered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    bound_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    certified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    redeemed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class EnrolmentFact(FactRow):
    """A voucher's enrolment in a class."""

    __tablename__ = "enrolment_facts"
    __table_args__ = (
        Index("ix_enrolment_facts_person_id", "person_id"),
        Index("ix_enrolment_facts_voucher_id", "voucher_id"),
    )

    voucher_id: Mapped[UUID]
    person_id: Mapped[UUID]
    class_id: Mapped[UUID]
    class_area: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    class_hours: Mapped[int | None] = mapped_column(Integer)
    """Counted class hours (45 minutes each), known at completion."""
    completed_on: Mapped[date | None] = mapped_column(Date)
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CandidateFact(FactRow):
    """A person's attempt at an assessment."""

    __tablename__ = "candidate_facts"
    __table_args__ = (
        Index("ix_candidate_facts_person_id", "person_id"),
        Index("ix_candidate_facts_voucher_id", "voucher_id"),
    )

    session_id: Mapped[UUID]
    person_id: Mapped[UUID]
    voucher_id: Mapped[UUID | None]
    enrolment_id: Mapped[UUID | None]


class CertificateFact(FactRow):
    """A certificate; `number` is the public surrogate where the real number is an ID number in disguise."""

    __tablename__ = "certificate_facts"
    __table_args__ = (
        Index("ix_certificate_facts_person_id", "person_id"),
        Index("ix_certificate_facts_voucher_id", "voucher_id"),
    )

    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID]
    voucher_id: Mapped[UUID | None]
    enrolment_id: Mapped[UUID | None]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    assessed_on: Mapped[date | None] = mapped_column(Date)
    issued_on: Mapped[date] = mapped_column(Date)
    since: Mapped[date | None] = mapped_column(Date)
    """Since which day it has its present status, if that is another than at its issue."""


class PayoutFact(FactRow):
    """A payout; without a voucher where the programme pays on the certificate alone."""

    __tablename__ = "payout_facts"
    __table_args__ = (
        Index("ix_payout_facts_person_id", "person_id"),
        Index("ix_payout_facts_voucher_id", "voucher_id"),
    )

    voucher_id: Mapped[UUID | None]
    person_id: Mapped[UUID]
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    benefit: Mapped[str] = mapped_column(Text)
    programme: Mapped[str] = mapped_column(Text)
    fund_source: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    institution: Mapped[str | None] = mapped_column(Text)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    paid_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reversed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
