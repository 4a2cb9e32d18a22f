"""Signed certificates: JWS over a payload shaped as a W3C Verifiable Credential 2.0 (D15).

The subject is named by `person_id` and `subject_digest` only; no name and no ID number is ever inside.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.contracts.fields import (
    Act,
    CertificateKind,
    Channel,
    CreditCode,
    Digest,
    Occasion,
    PublicCertificateNumber,
    SkillCode,
)
from shared.kernel.clock import end_of_day, start_of_day
from shared.kernel.errors import DomainError, Invalid
from shared.kernel.occasion import FIRST, act_of
from shared.security.keys import KeyFile, KeySet, KeyUnusable, SigningKey, read_signing_key
from shared.security.signatures import read_jws, sign_jws

CERTIFICATE_TYP = "vc+jwt"
W3C_CONTEXT = "https://www.w3.org/ns/credentials/v2"
TYPES = ["VerifiableCredential", "SkillCertificate"]
KEYS_PATH = "/v1/certificate-keys"
CONTEXT_PATH = "/v1/certificate-context"
"""Where evaluation's API publishes the keys and the JSON-LD context, for ever: certificates name both by URL."""
CONTEXT_FILE = Path(__file__).with_name("certificate_context.json")


class CertificateSignatureInvalid(Invalid):
    """The text is no certificate signed by a pinned key."""

    code = "certificate_signature_invalid"
    policy = "§二(二)7"
    zh, en = "证书签名无效", "The certificate's signature is not valid."


class CertificateFacts(BaseModel):
    """What a certificate says. `level` 0 is a kind without levels; dates are business dates in Asia/Shanghai."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    certificate_id: UUID
    kind: CertificateKind
    number: PublicCertificateNumber
    """The printed number; for permits, whose numbers are ID numbers, the public surrogate."""
    person_id: UUID
    subject_digest: Digest
    skill_code: SkillCode
    level: Annotated[int, Field(strict=True, ge=0, le=5)]
    act: Act
    occasion: Occasion = FIRST
    """What a benefit is taken for: the first certificate, or the review that was due on a day (R7)."""
    body: CreditCode
    """The assessing body, which is the issuer."""
    channel: Channel
    assessed_on: date | None = None
    completed_on: date | None = None
    issued_on: date
    valid_until: date | None = None
    """The last day; None for a kind that does not run out."""
    review_due_on: date | None = None
    """The day by which a permit is reviewed next; None for the other kinds."""
    voucher_id: UUID | None = None
    enrolment_id: UUID | None = None

    @model_validator(mode="after")
    def _never_over_before_it_begins(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.issued_on:
            raise ValueError("valid_until lies before issued_on")
        return self

    @model_validator(mode="after")
    def _of_one_occasion(self) -> Self:
        if self.act != act_of(self.occasion):
            raise ValueError("act and occasion contradict each other")
        return self


_SUBJECT = ("skill_code", "level", "act", "occasion", "kind", "number", "channel", "assessed_on", "completed_on",
            "issued_on", "valid_until", "review_due_on", "voucher_id", "enrolment_id")  # fmt: skip


def certificate_base(kid: str) -> str:
    """The base address under which keys and context are published, for the `kid` of a certificate key.

    `KeyUnusable` unless the kid is an absolute URL, `<base>/v1/certificate-keys#<name>`.
    """
    base, found, name = kid.partition(f"{KEYS_PATH}#")
    url = urlsplit(kid)
    if not (found and name and url.hostname) or url.scheme not in ("https", "http") or url.query or "#" in base:
        raise KeyUnusable(f"the kid of a certificate key is a URL, <base>{KEYS_PATH}#<name>")
    return base


def read_certificate_keys(path: Path) -> KeySet:
    """The public keys of certificates; `KeyUnusable` if one has no URL for a name."""
    return KeyFile(path, certificate_base)


def read_certificate_signing_key(path: Path) -> SigningKey:
    """The private key of certificates; `KeyUnusable` if it has no URL for a name."""
    key = read_signing_key(path)
    certificate_base(key.kid)
    return key


def certificate_payload(facts: CertificateFacts, base: str) -> dict[str, Any]:
    """The credential that is signed for `facts` with a key published under `base`; what is not known is left out."""
    said = facts.model_dump(mode="json", exclude_none=True)
    payload: dict[str, Any] = {
        "@context": [W3C_CONTEXT, base + CONTEXT_PATH],
        "type": list(TYPES),
        "id": facts.certificate_id.urn,
        "issuer": f"urn:uscc:{facts.body}",
        "validFrom": start_of_day(facts.issued_on).isoformat(),
        "credentialSubject": {
            "id": facts.person_id.urn,
            "subject_digest": facts.subject_digest,
            **{name: said[name] for name in _SUBJECT if name in said},
        },
    }
    if facts.valid_until is not None:
        payload["validUntil"] = end_of_day(facts.valid_until).isoformat()
    return payload


def sign_certificate(facts: CertificateFacts, key: SigningKey) -> str:
    """The certificate's text, a compact JWS."""
    return sign_jws(certificate_payload(facts, certificate_base(key.kid)), key, typ=CERTIFICATE_TYP)


def verify_certificate(text: str, keys: KeySet) -> CertificateFacts:
    """What a signed certificate says; `CertificateSignatureInvalid` unless it is exactly a payload of ours."""
    try:
        payload, kid = read_jws(text, keys, types={CERTIFICATE_TYP})
        facts = _facts(payload)
        exact = certificate_payload(facts, certificate_base(kid)) == payload
    except (DomainError, ValidationError, KeyError, TypeError, AttributeError, ValueError):
        raise CertificateSignatureInvalid from None
    if not exact:
        raise CertificateSignatureInvalid
    return facts


def _facts(payload: dict[str, Any]) -> CertificateFacts:
    subject = payload["credentialSubject"]
    return CertificateFacts(
        certificate_id=UUID(payload["id"]),
        person_id=UUID(subject["id"]),
        subject_digest=subject["subject_digest"],
        body=payload["issuer"].removeprefix("urn:uscc:"),
        **{name: subject[name] for name in _SUBJECT if name in subject},
    )
