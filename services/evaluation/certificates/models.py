"""Tables of certificates."""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.evaluation.certificates.domain import (
    CERTIFICATE,
    CertificateAction,
    CertificateAlreadyLive,
    CertificateNumbersExhausted,
    CertificateNumberTaken,
    CertificateRevocationSameOfficer,
)
from services.evaluation.models import Base
from shared.kernel.occasion import FIRST
from shared.persistence import AggregateRow, map_constraint
from shared.persons import persons

map_constraint("uq_certificates_number", CertificateNumberTaken)
map_constraint("uq_certificates_live", CertificateAlreadyLive)
map_constraint("ck_certificates_two_officers", CertificateRevocationSameOfficer)
map_constraint("ck_certificate_serials_last", CertificateNumbersExhausted)


class Certificate(AggregateRow["Certificate", CertificateAction], Base):
    """A certificate with the text that was signed. It rests on exactly one basis row, here or in `recognitions`."""

    __tablename__ = "certificates"
    __table_args__ = (
        Index("ix_certificates_overdue", "status", "entered_at",
              postgresql_where="status IN ('imported', 'suspended')"),
        UniqueConstraint("number", name="uq_certificates_number"),
        UniqueConstraint("id", "basis", "person_id", "skill_code", "level", "act", name="uq_certificates_basis"),
        Index("uq_certificates_live", "person_id", "skill_code", "level", unique=True,
              postgresql_where=text("status IN ('valid', 'suspended')")),
        UniqueConstraint("id", "occasion", name="uq_certificates_occasion"),
        Index("ix_certificates_review_due_on", "review_due_on",
              postgresql_where=text("status IN ('valid', 'suspended') AND review_due_on IS NOT NULL")),
        CheckConstraint(
            "kind IN ('vocational_qualification', 'skill_level', 'special_operation', 'special_equipment',"
            " 'specific_competence')",
            name="kind",
        ),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("act IN ('first', 'review')", name="act"),
        CheckConstraint("basis IN ('assessment', 'direct_recognition', 'import')", name="basis"),
        CheckConstraint("subject_digest ~ '^[0-9a-f]{64}$'", name="subject_digest"),
        CheckConstraint("assessed_on <= issued_on AND completed_on <= assessed_on", name="dates"),
        CheckConstraint("basis <> 'assessment' OR assessed_on IS NOT NULL", name="assessed_on"),
        CheckConstraint("(number_encrypted IS NULL) = (number_index IS NULL)", name="number_index"),
        CheckConstraint("kind IN ('special_operation', 'special_equipment') OR number_encrypted IS NULL",
                        name="number_encrypted"),
        CheckConstraint("kind IN ('special_operation', 'special_equipment') OR valid_until IS NULL",
                        name="valid_until"),
        CheckConstraint("(kind IN ('special_operation', 'special_equipment')) = (review_due_on IS NOT NULL)",
                        name="reviewed"),
        CheckConstraint("review_due_on <= valid_until", name="review_due_on"),
        CheckConstraint("act = split_part(occasion, ':', 1)", name="occasion"),
        CheckConstraint(
            "status <> 'revoked' OR (revocation_proposed_by IS NOT NULL AND revoked_by IS NOT NULL"
            " AND revocation_proposed_by <> revoked_by)",
            name="two_officers",
        ),
        CheckConstraint("status IN ('valid', 'imported') OR (since IS NOT NULL AND reason_code IS NOT NULL)",
                        name="reason"),
        ExcludeConstraint(("number_index", "="), ("person_id", "<>"), name="ex_certificates_permit_holder"),
    )  # fmt: skip
    lifecycle = CERTIFICATE

    kind: Mapped[str]
    basis: Mapped[str]
    number: Mapped[str]
    """As printed; a public surrogate for permits, whose printed number is an ID number (DOMAIN §2)."""
    number_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(persons.c.id), index=True)
    subject_digest: Mapped[str]
    masked_name: Mapped[str | None]
    """Of the holder when it was issued; null if their name had not come yet."""
    skill_code: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str]
    body: Mapped[str] = mapped_column(index=True)
    area: Mapped[str]
    """Whose officers look after it: the body's area; for an imported one the person's."""
    channel: Mapped[str]
    voucher_id: Mapped[UUID | None]
    enrolment_id: Mapped[UUID | None]
    assessed_on: Mapped[date | None]
    completed_on: Mapped[date | None]
    issued_on: Mapped[date]
    valid_until: Mapped[date | None]
    """Last day of a permit."""
    occasion: Mapped[str] = mapped_column(server_default=FIRST)
    """What it was issued for: the first certificate, or the review that was due on a day (R7)."""
    review_due_on: Mapped[date | None]
    """The day by which a permit is reviewed next; after it the permit has expired."""
    jws: Mapped[str]
    since: Mapped[date | None]
    """Since when the present status holds, where it is not the first."""
    reason_code: Mapped[str | None]
    revocation_reason_code: Mapped[str | None]
    revocation_proposed_by: Mapped[UUID | None]
    revoked_by: Mapped[UUID | None]


class AssessedCertificate(Base):
    """The basis of a certificate issued here: a passed candidate of a confirmed session (DOMAIN §4, 13). Append-only.

    Three foreign keys over NOT NULL columns hold it: to the certificate, to the candidate as `passed`, to the session
    as `confirmed`.
    """

    __tablename__ = "assessed_certificates"
    __table_args__ = (
        ForeignKeyConstraint(
            ["certificate_id", "basis", "person_id", "skill_code", "level", "act"],
            ["certificates.id", "certificates.basis", "certificates.person_id", "certificates.skill_code",
             "certificates.level", "certificates.act"],
            name="fk_assessed_certificates_certificate",
        ),
        ForeignKeyConstraint(
            ["candidate_id", "session_id", "person_id", "skill_code", "level", "act", "candidate_status"],
            ["candidates.id", "candidates.session_id", "candidates.person_id", "candidates.skill_code",
             "candidates.level", "candidates.act", "candidates.status"],
            name="fk_assessed_certificates_candidate",
        ),
        ForeignKeyConstraint(
            ["session_id", "session_status"],
            ["assessment_sessions.id", "assessment_sessions.status"],
            name="fk_assessed_certificates_session",
        ),
        ForeignKeyConstraint(
            ["certificate_id", "occasion"], ["certificates.id", "certificates.occasion"],
            name="fk_assessed_certificates_certificate_occasion",
        ),
        ForeignKeyConstraint(
            ["candidate_id", "occasion"], ["candidates.id", "candidates.occasion"],
            name="fk_assessed_certificates_candidate_occasion",
        ),
        UniqueConstraint("candidate_id", name="uq_assessed_certificates_candidate_id"),
        CheckConstraint("basis = 'assessment'", name="basis"),
        CheckConstraint("candidate_status = 'passed'", name="passed"),
        CheckConstraint("session_status = 'confirmed'", name="confirmed"),
    )  # fmt: skip

    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    candidate_id: Mapped[UUID]
    session_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID]
    skill_code: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    act: Mapped[str]
    occasion: Mapped[str] = mapped_column(server_default=FIRST)
    basis: Mapped[str] = mapped_column(server_default="assessment")
    candidate_status: Mapped[str] = mapped_column(server_default="passed")
    session_status: Mapped[str] = mapped_column(server_default="confirmed")


class CertificateSerial(Base):
    """The last serial given out in a series. A number is never given twice: the row is locked until the commit."""

    __tablename__ = "certificate_serials"
    __table_args__ = (CheckConstraint("last BETWEEN 0 AND most", name="last"),)

    prefix: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
    most: Mapped[int]
