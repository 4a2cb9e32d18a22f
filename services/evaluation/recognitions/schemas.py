"""What is said about recorded bases over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.evaluation.bodies.domain import BodyKind
from services.evaluation.certificates.domain import CertificateKind, CertificateState
from services.evaluation.recognitions.domain import OutsideCertificate, RecognitionBasis, RegisterAnswer
from shared.contracts.fields import Act, Digest, Level, ShortText
from shared.http import Body, OrganisationCode, View


class ImportCertificatesRow(Body):
    """A certificate from elsewhere, with what it rests on."""

    person_id: UUID
    kind: CertificateKind
    """The kind of skill certificate (§一), one of five."""
    skill_code: Annotated[str, Field(min_length=1, max_length=40)]
    level: Level
    act: Act = "first"
    number: Annotated[str, Field(min_length=1, max_length=60)]
    """The number as it is printed; a permit's, which is an ID number, is encrypted and never shown again."""
    body: OrganisationCode
    body_kind: BodyKind
    assessed_on: date | None = None
    issued_on: date
    valid_until: date | None = None
    """The last day of a permit; null for the other kinds."""
    reviewed_due_on: date | None = None
    """Of a review, and only then: the day on which it was due."""
    review_due_on: date | None = None
    """The day by which a permit is reviewed next; the rule's, if it is left out."""
    enrolment_id: UUID | None = None
    basis: RecognitionBasis = RecognitionBasis.IMPORT
    """Whether it is imported, or recognised directly (直接认定) after a contest or an award."""
    source: ShortText
    """The register or file that proves it, with its reference."""
    evidence_digest: Digest
    decided_on: date
    """The day on which the department decided to record it."""

    def certificate(self) -> OutsideCertificate:
        """What the command takes."""
        return OutsideCertificate(**{name: getattr(self, name) for name in type(self).model_fields})


class RecordedCertificateView(View):
    """A certificate from elsewhere, as it is recorded here."""

    id: UUID
    person_id: UUID
    status: CertificateState
    number: str
    """The number that is printed on it; for permits, whose own is an ID number, a public surrogate."""


class RecordRegisterAnswerRequest(Body):
    """What the outside register, or the file of the decision, says of a certificate."""

    answer: RegisterAnswer
    """verified, not_found_yet (ask again in a week or two), or contradicted."""
    source: ShortText
    """Where it was asked, with the reference of the answer."""
