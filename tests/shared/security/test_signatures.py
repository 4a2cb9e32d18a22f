"""Certificates and presence codes: what is signed, and that one kind never passes for another."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.security import (
    CertificateFacts,
    CertificateSignatureInvalid,
    PaymentMandate,
    PresenceCode,
    PresenceCodeExpired,
    PresenceCodeInvalid,
    SignatureInvalid,
    certificate_payload,
    read_presence_code,
    sign_certificate,
    sign_jws,
    sign_presence_code,
    verify_certificate,
    verify_jws,
)
from shared.security.certificates import CERTIFICATE_TYP
from shared.security.presence import PRESENCE_TYP
from tests.shared.security.conftest import Issuer, claims, make_issuer

AT = datetime(2026, 11, 23, 5, 0, 0, 123_456, tzinfo=UTC)


def facts(**changes: object) -> CertificateFacts:
    """A certificate's facts, with changes."""
    return CertificateFacts.model_validate(
        {
            "certificate_id": UUID("0193a1b0-0000-7000-8000-00000000c0de"),
            "kind": "skill_level",
            "number": "S000041000000264000001",
            "person_id": uuid4(),
            "subject_digest": "ab" * 32,
            "skill_code": "6-31-01-03",
            "level": 4,
            "act": "first",
            "body": "91410402MA00000001",
            "channel": "social",
            "assessed_on": date(2026, 11, 1),
            "completed_on": date(2026, 10, 20),
            "issued_on": date(2026, 11, 10),
            "voucher_id": uuid4(),
            "enrolment_id": uuid4(),
        }
        | changes
    )


MANDATE = PaymentMandate(uuid4(), "91410402MA00000001")


def presence(at: datetime = AT, mandate: PaymentMandate | None = MANDATE) -> PresenceCode:
    return PresenceCode.new(
        voucher_id=uuid4(),
        person_id=uuid4(),
        skill_code="6-31-01-03",
        level=4,
        institution="91410402MA00000001",
        at=at,
        mandate=mandate,
    )


def decoded(jws: str) -> str:
    """Everything that a JWS says, readable."""
    return " ".join(
        base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode() for segment in jws.split(".")[:2]
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"level": 0, "valid_until": date(2032, 11, 9), "voucher_id": None, "enrolment_id": None},
        {"assessed_on": None, "completed_on": None, "act": "review"},
    ],
)
def test_a_certificate_says_again_what_was_signed(issuer: Issuer, changes: dict[str, object]) -> None:
    said = facts(**changes)
    assert verify_certificate(sign_certificate(said, issuer.key), issuer.keys) == said


def test_a_certificate_is_shaped_as_a_verifiable_credential(issuer: Issuer) -> None:
    said = facts(valid_until=date(2032, 11, 9))
    payload = certificate_payload(said)
    assert payload["@context"] == ["https://www.w3.org/ns/credentials/v2"]
    assert payload["type"] == ["VerifiableCredential", "SkillCertificate"]
    assert payload["credentialSubject"]["id"] == said.person_id.urn
    assert payload["validFrom"] == "2026-11-10T00:00:00+08:00"
    assert payload["validUntil"] == "2032-11-10T00:00:00+08:00"
    header = json.loads(base64.urlsafe_b64decode(sign_certificate(said, issuer.key).split(".")[0] + "=="))
    assert header == {"alg": "ES256", "kid": issuer.key.kid, "typ": "vc+jwt"}


def test_the_subject_is_named_by_id_and_digest_only(issuer: Issuer) -> None:
    readable = decoded(sign_certificate(facts(), issuer.key))
    for field in ("name", "id_number", "phone", "birth", "salt"):
        assert f'"{field}"' not in readable


def test_a_certificate_with_anything_more_or_else_is_refused(issuer: Issuer) -> None:
    payload = certificate_payload(facts())
    subject = payload["credentialSubject"]
    altered = [
        payload | {"name": "somebody"},
        payload | {"credentialSubject": subject | {"grade": "A"}},
        payload | {"credentialSubject": subject | {"level": "4"}},
        payload | {"credentialSubject": subject | {"level": True}},
        payload | {"credentialSubject": subject | {"level": 6}},
        payload | {"credentialSubject": {key: value for key, value in subject.items() if key != "act"}},
        payload | {"credentialSubject": [subject]},
        payload | {"validFrom": "2020-01-01T00:00:00+08:00"},
        payload | {"issuer": subject},
        payload | {"type": ["VerifiableCredential"]},
        {},
    ]
    for one in altered:
        with pytest.raises(CertificateSignatureInvalid):
            verify_certificate(sign_jws(one, issuer.key, typ=CERTIFICATE_TYP), issuer.keys)


def test_a_forged_certificate(issuer: Issuer) -> None:
    text = sign_certificate(facts(level=5), issuer.key)
    head, _, signature = text.split(".")
    other = sign_certificate(facts(level=1), make_issuer("issuer-1").key)
    for forged in (other, f"{head}.{other.split('.')[1]}.{signature}", text[:-1], "", "x"):
        with pytest.raises(CertificateSignatureInvalid):
            verify_certificate(forged, issuer.keys)


def test_one_kind_of_signature_never_passes_for_another(issuer: Issuer) -> None:
    certificate, token = sign_certificate(facts(), issuer.key), sign_jws(claims(), issuer.key)
    code = sign_presence_code(presence(), issuer.key)
    for text in (token, code):
        with pytest.raises(CertificateSignatureInvalid):
            verify_certificate(text, issuer.keys)
    for text in (token, certificate):
        with pytest.raises(PresenceCodeInvalid):
            read_presence_code(text, issuer.keys, at=AT)
    for text in (certificate, code):
        with pytest.raises(SignatureInvalid):
            verify_jws(text, issuer.keys)


def test_a_presence_code_lives_for_sixty_seconds(issuer: Issuer) -> None:
    code = presence()
    text = sign_presence_code(code, issuer.key)
    assert read_presence_code(text, issuer.keys, at=AT) == code
    unmandated = presence(mandate=None)
    assert read_presence_code(sign_presence_code(unmandated, issuer.key), issuer.keys, at=AT) == unmandated
    assert read_presence_code(text, issuer.keys, at=AT + timedelta(seconds=59)) == code
    for late_s in (60, 61, 100_000):
        with pytest.raises(PresenceCodeExpired):
            read_presence_code(text, issuer.keys, at=AT + timedelta(seconds=late_s))


def test_a_presence_code_that_would_live_longer_is_none(issuer: Issuer) -> None:
    text = sign_presence_code(presence(AT + timedelta(hours=1)), issuer.key)
    with pytest.raises(PresenceCodeInvalid):
        read_presence_code(text, issuer.keys, at=AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"level": "4"},
        {"level": True},
        {"exp": None},
        {"exp": 1e9},
        {"exp": 10**30},
        {"jti": 5},
        {"jti": "x"},
        {"voucher": None},
        {"skill_code": 6},
        {"institution": None},
        {"mandate": None},
        {"payee": None},
        {"payee": 5},
        {"mandate": "x"},
        {"name": "somebody"},
    ],
)
def test_presence_codes_of_another_shape(issuer: Issuer, changes: dict[str, object]) -> None:
    code = presence()
    good = {
        "voucher": str(code.voucher_id),
        "person": str(code.person_id),
        "skill_code": code.skill_code,
        "level": code.level,
        "institution": code.institution,
        "mandate": str(MANDATE.id),
        "payee": MANDATE.payee_id,
        "jti": str(code.jti),
        "exp": int(code.expires_at.timestamp()),
    }
    assert read_presence_code(sign_jws(good, issuer.key, typ=PRESENCE_TYP), issuer.keys, at=AT) == code
    with pytest.raises(PresenceCodeInvalid):
        read_presence_code(sign_jws(good | changes, issuer.key, typ=PRESENCE_TYP), issuer.keys, at=AT)


def test_codes_are_never_the_same_twice() -> None:
    assert presence().jti != presence().jti
