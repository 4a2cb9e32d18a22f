"""What is said about certificates over HTTP."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, model_validator

from services.evaluation.certificates.domain import CertificateKind, CertificateState, Verdict
from shared.contracts.fields import Act, Channel, Code
from shared.http import Body, View

Basis = Literal["assessment", "direct_recognition", "import"]


class CertificateReasonRequest(Body):
    """Why something is done to a certificate."""

    reason_code: Code


class JsonLdResponse(Response):
    """A JSON-LD document."""

    media_type = "application/ld+json"


class KeyView(View):
    """A public key as a JWK (RFC 7517)."""

    kty: str
    """Kind of key: EC."""
    crv: str
    """Curve: P-256."""
    alg: str
    """Algorithm of its signatures: ES256."""
    use: str
    """What it is for: sig."""
    kid: str
    """Name of the key: the URL of this document, with the key's own name behind `#`."""
    x: str
    """First coordinate, base64url."""
    y: str
    """Second coordinate, base64url."""


class KeySetView(View):
    """A JWK set (RFC 7517)."""

    keys: list[KeyView]
    """All keys that a valid certificate may be signed with."""


class VerifyCertificateRequest(Body):
    """A certificate that somebody shows: its signed text or its number."""

    jws: Annotated[str | None, Field(max_length=8_192)] = None
    """The signed text; then no `number`."""
    number: Annotated[str | None, Field(max_length=60)] = None
    """The number printed on it, a permit's public number; then no `jws`."""

    issued_on: date | None = None
    """The day of issue printed on it, with `number` only: what the certificate says is answered if both agree."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.jws is None) == (self.number is None) or (self.jws is not None and self.issued_on is not None):
            raise ValueError("either jws, or number with or without issued_on")
        return self


class PrintedView(View):
    """What is printed on a certificate, to be compared with the paper."""

    masked_name: str | None
    """The holder's name but for its first character hidden: `张**`; null if it is not known here."""

    kind: CertificateKind
    """The kind of skill certificate (§一), one of five."""
    number: str
    """The number that is printed on it; for permits, whose own is an ID number, a public surrogate."""
    skill_code: str
    level: int
    body: str
    issued_on: date
    valid_until: date | None
    """The last day of a permit; null for the other kinds, which do not run out."""
    review_due_on: date | None
    """The day by which a permit is reviewed next, or expires (R7); null for the other kinds."""


class VerificationView(View):
    """What can be said of a certificate that was shown."""

    verdict: Verdict
    """verified, not_found_yet (ask again in a week or two), or contradicted: it is forged, or cannot exist."""
    status: CertificateState | None
    """Where it stands; null if it is not known here."""
    printed: PrintedView | None
    """What the paper must say; null unless who asks has shown to have it, by signed text or number and day of issue."""


class CertificateView(View):
    """A certificate as it was signed, and where it stands."""

    id: UUID
    status: CertificateState
    version: int
    kind: CertificateKind
    """The kind of skill certificate (§一), one of five."""
    basis: Basis
    """What it rests on: an assessment here, a direct recognition, or an import from elsewhere."""
    number: str
    """The number that is printed on it; for permits, whose own is an ID number, a public surrogate."""
    person_id: UUID
    subject_digest: str
    skill_code: str
    level: int
    act: Act
    body: str
    area: str
    """Whose officers look after it: the body's area, of an imported one the person's."""
    channel: Channel
    """The one channel that it counts for: enterprise, school or social (D13)."""
    voucher_id: UUID | None
    enrolment_id: UUID | None
    assessed_on: date | None
    completed_on: date | None
    issued_on: date
    valid_until: date | None
    """The last day of a permit; null for the other kinds, which do not run out."""
    occasion: str
    review_due_on: date | None
    """The day by which a permit is reviewed next, or expires (R7); null for the other kinds."""
    since: date | None
    """Since when it has its status; null while that is the first."""
    reason_code: str | None
    """Why it has its status; null while that is the first."""
    revocation_reason_code: str | None
    jws: str
