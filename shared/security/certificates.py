"""Signed certificates: JWS over a payload shaped as a W3C Verifiable Credential 2.0 (D15).

The subject is named by `person_id` and `subject_digest` only; no name and no ID number is ever inside.
"""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.kernel.clock import end_of_day, start_of_day
from shared.kernel.errors import DomainError, Invalid
from shared.security.keys import KeySet, SigningKey
from shared.security.signatures import sign_jws, verify_jws

CERTIFICATE_TYP = "vc+jwt"
CONTEXT = "https://www.w3.org/ns/credentials/v2"
TYPES = ["VerifiableCredential", "SkillCertificate"]

Text = Annotated[str, Field(min_length=1, max_length=100)]


class CertificateSignatureInvalid(Invalid):
    """The text is no certificate signed by a pinned key."""

    code = "certificate_signature_invalid"
    policy = "§二(二)7"
    zh, en = "证书签名无效", "The certificate's signature is not valid."


class CertificateFacts(BaseModel):
    """What a certificate says. `level` 0 is a kind without levels; dates are business dates in Asia/Shanghai."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    certificate_id: UUID
    kind: Text
    number: Text
    """The printed number; for permits, whose numbers are ID numbers, the public surrogate."""
    person_id: UUID
    subject_digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    skill_code: Text
    level: Annotated[int, Field(strict=True, ge=0, le=5)]
    act: Literal["first", "review"]
    body: Text
    """Credit code of the assessing body."""
    channel: Text
    assessed_on: date | None
    completed_on: date | None
    issued_on: date
    valid_until: date | None = None
    voucher_id: UUID | None = None
    enrolment_id: UUID | None = None


_SUBJECT = ("skill_code", "level", "act", "kind", "number", "channel", "assessed_on", "completed_on", "issued_on",
            "valid_until", "voucher_id", "enrolment_id")  # fmt: skip


def certificate_payload(facts: CertificateFacts) -> dict[str, Any]:
    """The credential that is signed for `facts`."""
    said = facts.model_dump(mode="json")
    payload: dict[str, Any] = {
        "@context": [CONTEXT],
        "type": list(TYPES),
        "id": facts.certificate_id.urn,
        "issuer": f"urn:uscc:{facts.body}",
        "validFrom": start_of_day(facts.issued_on).isoformat(),
        "credentialSubject": {
            "id": facts.person_id.urn,
            "subject_digest": facts.subject_digest,
            **{name: said[name] for name in _SUBJECT},
        },
    }
    if facts.valid_until is not None:
        payload["validUntil"] = end_of_day(facts.valid_until).isoformat()
    return payload


def sign_certificate(facts: CertificateFacts, key: SigningKey) -> str:
    """The certificate's text, a compact JWS."""
    return sign_jws(certificate_payload(facts), key, typ=CERTIFICATE_TYP)


def verify_certificate(text: str, keys: KeySet) -> CertificateFacts:
    """What a signed certificate says; `CertificateSignatureInvalid` unless it is exactly a payload of ours."""
    try:
        payload = verify_jws(text, keys, typ=CERTIFICATE_TYP)
        facts = _facts(payload)
    except (DomainError, ValidationError, KeyError, TypeError, AttributeError, ValueError):
        raise CertificateSignatureInvalid from None
    if certificate_payload(facts) != payload:
        raise CertificateSignatureInvalid
    return facts


def _facts(payload: dict[str, Any]) -> CertificateFacts:
    subject = payload["credentialSubject"]
    return CertificateFacts(
        certificate_id=UUID(payload["id"]),
        person_id=UUID(subject["id"]),
        subject_digest=subject["subject_digest"],
        body=payload["issuer"].removeprefix("urn:uscc:"),
        **{name: subject[name] for name in _SUBJECT},
    )
