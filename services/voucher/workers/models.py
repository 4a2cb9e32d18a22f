"""People's records. Name, ID number, phone and salt lie here alone, encrypted (DOMAIN §4, 14)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.voucher.models import Base
from services.voucher.workers.domain import PERSON, UNMASKING, PersonAction, PersonStatus, RecordFacts, UnmaskingAction
from shared.kernel.ids import uuid7
from shared.persistence import AggregateRow
from shared.security import FieldCipher

PersonalField = Literal["name", "id_number", "phone", "salt"]


class Worker(AggregateRow["Worker", PersonAction], Base):
    """One person: worker, officer, trainer or assessor. `id` is the `person_id` of every other table and service."""

    __tablename__ = "workers"
    __table_args__ = (
        UniqueConstraint("id_number_index"),
        CheckConstraint("octet_length(id_number_index) = 32", name="index_is_hmac"),
        CheckConstraint("subject_digest ~ '^[0-9a-f]{64}$'", name="digest_is_sha256"),
        CheckConstraint("real_name_level BETWEEN 1 AND 3", name="real_name_level"),
        CheckConstraint("(status = 'superseded') = (superseded_by IS NOT NULL)", name="superseded_names_survivor"),
        CheckConstraint("superseded_by <> id", name="survivor_is_another"),
        Index("ix_workers_superseded_by", "superseded_by", postgresql_where="superseded_by IS NOT NULL"),
        Index("ix_workers_area_id", "area", "id"),
    )
    lifecycle = PERSON

    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    """Blind index of the canonical ID number: one person, one record."""
    id_number_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    name_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    phone_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    salt_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    """The 128-bit salt of `subject_digest`, hexadecimal before it is encrypted."""
    subject_digest: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    real_name_method: Mapped[str] = mapped_column(Text)
    real_name_level: Mapped[int] = mapped_column(SmallInteger)
    real_name_verified_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_by: Mapped[UUID | None] = mapped_column(ForeignKey("workers.id"))

    def reveal(self, field: PersonalField, cipher: FieldCipher) -> str:
        """The decrypted text of one personal field. What leaves the service is masked, or an audited unmasking."""
        ciphertext: bytes = getattr(self, f"{field}_encrypted")
        return cipher.decrypt(ciphertext, table="workers", column=f"{field}_encrypted", row=self.id)

    def record_facts(self) -> RecordFacts:
        """What superseding looks at."""
        return RecordFacts(self.id, PersonStatus(self.status))


class RegisterExtract(Base):
    """What the registers said of a person on one day. The latest counts; none is ever changed."""

    __tablename__ = "register_extracts"
    __table_args__ = (
        CheckConstraint("pension IN ('drawn', 'not_drawn', 'unknown')", name="pension"),
        CheckConstraint("fiscal_payroll IN ('on', 'off', 'unknown')", name="fiscal_payroll"),
        Index("ix_register_extracts_person_id_as_of_id", "person_id", "as_of", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    pension: Mapped[str] = mapped_column(Text)
    fiscal_payroll: Mapped[str] = mapped_column(Text)
    outside_benefits_known: Mapped[bool] = mapped_column(Boolean)
    """Whether the unemployment-insurance office answered about training benefits of its own (A13)."""
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OutsideBenefit(Base):
    """A training benefit that another office paid (A13: one exclusion group across all programmes)."""

    __tablename__ = "outside_benefits"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        UniqueConstraint("person_id", "programme", "skill_code", "level"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    extract_id: Mapped[UUID] = mapped_column(ForeignKey("register_extracts.id"))
    programme: Mapped[str] = mapped_column(Text)
    skill_code: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    taken_on: Mapped[date] = mapped_column(Date)


class GroupEvidence(Base):
    """Evidence that a person belongs to a priority group (A17): dated, sourced, never leaving this service."""

    __tablename__ = "group_evidence"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= as_of", name="dates"),
        Index("ix_group_evidence_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    group_code: Mapped[str] = mapped_column(Text)
    evidence_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    """The last day on which it counts; none for a lasting one."""
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Unmasking(AggregateRow["Unmasking", UnmaskingAction], Base):
    """That somebody looked at unmasked data: who, whose, which fields, why."""

    __tablename__ = "unmaskings"
    __table_args__ = (CheckConstraint("cardinality(fields) > 0", name="some_field"),)
    lifecycle = UNMASKING

    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    account: Mapped[str] = mapped_column(Text)
    reason_code: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
