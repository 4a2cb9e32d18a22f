"""What is said about recorded bases over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.evaluation.bodies.domain import BodyKind
from services.evaluation.certificates.domain import CertificateKind, CertificateState
from services.evaluation.recognitions.domain import RecognitionBasis, RegisterAnswer
from services.evaluation.recognitions.service import OutsideCertificate
from shared.contracts.fields import Act, Digest, Level, ShortText
from shared.http import Body, View


class ImportRow(Body):
    """A certificate from elsewhere. `number` as printed: a permit's is encrypted and never shown again;
    `evidence_digest` is the SHA-256 of the document that proves it."""

    person_id: UUID
    kind: CertificateKind
    skill_code: Annotated[str, Field(min_length=1, max_length=40)]
    level: Level
    act: Act = "first"
    number: Annotated[str, Field(min_length=1, max_length=60)]
    body: Annotated[str, Field(min_length=18, max_length=40)]
    body_kind: BodyKind
    assessed_on: date | None = None
    issued_on: date
    valid_until: date | None = None
    enrolment_id: UUID | None = None
    basis: RecognitionBasis = RecognitionBasis.IMPORT
    source: ShortText
    evidence_digest: Digest
    decided_on: date

    def certificate(self) -> OutsideCertificate:
        """The command's item."""
        return OutsideCertificate(**{name: getattr(self, name) for name in type(self).model_fields})


class RecordedView(View):
    """A recorded certificate; `number` is a public surrogate for permits."""

    id: UUID
    person_id: UUID
    status: CertificateState
    number: str


class RegisterAnswerRequest(Body):
    """What the outside register, or the file of the decision, says, and where that was asked."""

    answer: RegisterAnswer
    source: ShortText
