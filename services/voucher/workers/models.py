"""People's records. Name, ID number, phone and salt lie here alone, encrypted (DOMAIN §4, 14)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
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
from services.voucher.workers.domain import PERSON, UNMASKING, PersonAction, PersonFacts, PersonState, UnmaskingAction
from shared.kernel.ids import uuid7
from shared.persistence import AggregateRow
from shared.security import FieldCipher, mask_name, mask_phone

PersonalField = Literal["name", "id_number", "phone", "salt"]


class Worker(AggregateRow["Worker", PersonAction], Base):
    """One person: worker, officer, trainer or assessor. `id` is the `person_id` of every other table and service."""

    __tablename__ = "workers"
    __table_args__ = (
        UniqueConstraint("id_number_index"),
        CheckConstraint("octet_length(id_number_index) = 32", name="index_is_hmac"),
        CheckConstraint("subject_digest ~ '^[0-9a-f]{64}$'", name="digest_is_sha256"),
        CheckConstraint("real_name_level BETWEEN 1 AND 3", name="real_name_level"),
        CheckConstraint("(status = 'superseded') = (survivor_id IS NOT NULL)", name="superseded_names_survivor"),
        CheckConstraint("survivor_id <> id", name="survivor_is_another"),
        Index("ix_workers_survivor_id", "survivor_id", postgresql_where="survivor_id IS NOT NULL"),
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
    survivor_id: Mapped[UUID | None] = mapped_column(ForeignKey("workers.id"))

    def reveal(self, field: PersonalField, cipher: FieldCipher) -> str:
        """The decrypted text of one personal field. What leaves the service is masked, or an audited unmasking."""
        ciphertext: bytes = getattr(self, f"{field}_encrypted")
        return cipher.decrypt(ciphertext, table="workers", column=f"{field}_encrypted", row=self.id)

    def masked_name(self, cipher: FieldCipher) -> str:
        """The name as it may be shown, and travel in events: `张**`."""
        return mask_name(self.reveal("name", cipher))

    def record_facts(self) -> PersonFacts:
        """What superseding looks at."""
        return PersonFacts(self.id, PersonState(self.status))


class NameProposal(Base):
    """That an officer proposed another name for a person, with the evidence (R27); the latest may be approved."""

    __tablename__ = "name_proposals"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), index=True)
    name_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    reason_code: Mapped[str] = mapped_column(Text)
    evidence_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    """What the officer saw, in words: a decision of the police and its number."""
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class WorkerChange(Base):
    """What a person's record said until a change of name, phone or area: its history, only added to (R15, R27)."""

    __tablename__ = "worker_changes"
    __table_args__ = (
        UniqueConstraint("proposal_id"),
        CheckConstraint("field IN ('name', 'phone', 'area')", name="field"),
        CheckConstraint("(field = 'area') = (previous_area IS NOT NULL)", name="previous_area"),
        CheckConstraint("(field <> 'area') = (previous_encrypted IS NOT NULL)", name="previous_encrypted"),
        CheckConstraint("(field = 'name') = (proposal_id IS NOT NULL)", name="name_was_proposed"),
        CheckConstraint("(field = 'name') = (proposed_by IS NOT NULL)", name="name_has_proposer"),
        CheckConstraint("proposed_by <> changed_by", name="two_people"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    """Of the person's record after the change."""
    field: Mapped[str] = mapped_column(Text)
    previous_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_area: Mapped[str | None] = mapped_column(Text)
    previous_digest: Mapped[str] = mapped_column(Text)
    """The subject digest until then; certificates of that time keep it for good."""
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("name_proposals.id"))
    proposed_by: Mapped[UUID | None]
    changed_by: Mapped[UUID]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    def masked_previous(self, cipher: FieldCipher) -> str:
        """What the record said until then: an area's code, a name or telephone number masked."""
        if self.previous_encrypted is None:
            return self.previous_area or ""
        row = f"{self.person_id}:{self.version}"
        plain = cipher.decrypt(self.previous_encrypted, table="worker_changes", column="previous_encrypted", row=row)
        return mask_name(plain) if self.field == "name" else mask_phone(plain)


class Unmasking(AggregateRow["Unmasking", UnmaskingAction], Base):
    """That somebody looked at unmasked data: who, whose, which fields, why."""

    __tablename__ = "unmaskings"
    __table_args__ = (CheckConstraint("cardinality(fields) > 0", name="some_field"),)
    lifecycle = UNMASKING

    person_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    account: Mapped[str] = mapped_column(Text)
    reason_code: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
