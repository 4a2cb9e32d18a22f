"""Tables of recorded bases."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.evaluation.models import Base
from services.evaluation.recognitions.domain import PermitOfAnotherPerson, RecognitionSameOfficer
from shared.kernel.ids import uuid7
from shared.persistence import map_constraint

map_constraint("ex_certificates_permit_holder", PermitOfAnotherPerson)
map_constraint("ck_certificates_recognition_checked", RecognitionSameOfficer)


class Recognition(Base):
    """The recorded basis of a certificate that was not assessed here: source, evidence, decision. Append-only."""

    __tablename__ = "recognitions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["certificate_id", "basis", "person_id", "skill_code", "level", "act"],
            ["certificates.id", "certificates.basis", "certificates.person_id", "certificates.skill_code",
             "certificates.level", "certificates.act"],
            name="fk_recognitions_certificate",
        ),
        CheckConstraint("basis IN ('direct_recognition', 'import')", name="basis"),
        CheckConstraint("evidence_digest ~ '^[0-9a-f]{64}$'", name="evidence_digest"),
    )  # fmt: skip

    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    basis: Mapped[str]
    person_id: Mapped[UUID]
    skill_code: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str]
    source: Mapped[str]
    """Register or file, with its reference."""
    evidence_digest: Mapped[str]
    """SHA-256 of the document that proves it."""
    decided_on: Mapped[date]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]


class RecognitionCheck(Base):
    """One answer of the outside register, or of the file, asked by an officer. Append-only."""

    __tablename__ = "recognition_checks"
    __table_args__ = (CheckConstraint("answer IN ('verified', 'not_found_yet', 'contradicted')", name="answer"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("recognitions.certificate_id"), index=True)
    answer: Mapped[str]
    source: Mapped[str]
    checked_by: Mapped[UUID]
    checked_at: Mapped[datetime]
