"""What is said about certificates over HTTP."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, model_validator

from services.evaluation.certificates.domain import CertificateKind, CertificateState, Verdict
from shared.contracts.fields import Code
from shared.http import Body, View


class ReasonRequest(Body):
    """Why, as a code of the bureau's list."""

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


class VerificationRequest(Body):
    """A certificate that somebody shows: its signed text or its number."""

    jws: Annotated[str | None, Field(max_length=8_192)] = None
    number: Annotated[str | None, Field(max_length=60)] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.jws is None) == (self.number is None):
            raise ValueError("either jws or number")
        return self


class VerificationView(View):
    """`verified`, `not_found_yet` (ask again in a week or two) or `contradicted`; `status` where it is known here."""

    verdict: Verdict
    status: CertificateState | None


class CertificateView(View):
    """A certificate; `number` is a public surrogate for permits, `jws` the signed text."""

    id: UUID
    status: CertificateState
    version: int
    kind: CertificateKind
    basis: str
    number: str
    person_id: UUID
    subject_digest: str
    skill_code: str
    level: int
    act: str
    body: str
    area: str
    channel: str
    voucher_id: UUID | None
    enrolment_id: UUID | None
    assessed_on: date | None
    completed_on: date | None
    issued_on: date
    valid_until: date | None
    since: date | None
    reason_code: str | None
    revocation_reason_code: str | None
    jws: str
