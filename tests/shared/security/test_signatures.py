"""Certificates and presence codes: what is signed, and that one kind never passes for another."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from shared.kernel.citizen_id import make_citizen_id
from shared.security import (
    CertificateFacts,
    CertificateSignatureInvalid,
    KeyUnusable,
    PaymentMandate,
    PresenceCode,
    PresenceCodeExpired,
    PresenceCodeInvalid,
    SignatureInvalid,
    TokenInvalid,
    TokenVerifier,
    key_set_json,
    new_key_pair,
    read_presence_code,
    sign_certificate,
    sign_jws,
    sign_presence_code,
    verify_certificate,
    verify_jws,
)
from shared.security.certificates import (
    CERTIFICATE_TYP,
    CONTEXT_FILE,
    certificate_payload,
    read_certificate_keys,
    read_certificate_signing_key,
)
from shared.security.presence import PRESENCE_TYP
from tests.keys import CERTIFICATE_KID
from tests.shared.security.conftest import ISSUER, Issuer, claims, make_issuer

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
            "body": "91410402000001230R",
            "channel": "social",
            "assessed_on": date(2026, 11, 1),
            "completed_on": date(2026, 10, 20),
            "issued_on": date(2026, 11, 10),
            "voucher_id": uuid4(),
            "enrolment_id": uuid4(),
        }
        | changes
    )


MANDATE = PaymentMandate(id=uuid4(), payee_id="91410402000001230R")


def presence(at: datetime = AT, mandate: PaymentMandate | None = MANDATE) -> PresenceCode:
    return PresenceCode.new(
        voucher_id=uuid4(),
        person_id=uuid4(),
        skill_code="6-31-01-03",
        level=4,
        institution="91410402000001230R",
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
        {"valid_until": date(2026, 11, 10)},
        {"assessed_on": None, "completed_on": None, "act": "review", "occasion": "review:2026-12-01"},
    ],
)
def test_a_certificate_says_again_what_was_signed(certifier: Issuer, changes: dict[str, object]) -> None:
    said = facts(**changes)
    assert verify_certificate(sign_certificate(said, certifier.key), certifier.keys) == said


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "91410402MA00000001"},
        {"body": "91410402000001230r"},
        {"body": ""},
        {"body": "city bureau"},
        {"valid_until": date(2026, 11, 9)},
        {"skill_code": " "},
        {"channel": "post"},
        {"kind": "driving"},
        {"number": "T" + make_citizen_id("410402", date(1990, 1, 1), 123)},
        {"subject_digest": ""},
    ],
)
def test_what_no_certificate_says(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        facts(**changes)


def test_a_certificate_is_shaped_as_a_verifiable_credential(certifier: Issuer) -> None:
    said = facts(valid_until=date(2032, 11, 9))
    text = sign_certificate(said, certifier.key)
    payload = verify_jws(text, certifier.keys, types={CERTIFICATE_TYP})
    assert payload["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://evaluation.test/v1/certificate-context",
    ]
    assert payload["type"] == ["VerifiableCredential", "SkillCertificate"]
    assert payload["issuer"] == "urn:uscc:91410402000001230R"
    assert payload["credentialSubject"]["id"] == said.person_id.urn
    assert payload["validFrom"] == "2026-11-10T00:00:00+08:00"
    assert payload["validUntil"] == "2032-11-10T00:00:00+08:00"
    header = json.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))
    assert header == {"alg": "ES256", "kid": CERTIFICATE_KID, "typ": "vc+jwt"}


W3C_TERMS = {"id", "type", "VerifiableCredential", "credentialSubject", "issuer", "validFrom", "validUntil"}
"""Those that a certificate uses, of https://www.w3.org/ns/credentials/v2."""


def test_every_claim_has_a_term_of_a_context() -> None:
    """What no context defines, JSON-LD expansion drops without a word."""
    ours = json.loads(CONTEXT_FILE.read_text())["@context"]
    permit = facts(valid_until=date(2032, 11, 9), review_due_on=date(2029, 11, 9))
    payload = certificate_payload(permit, "https://evaluation.test")
    said = set(payload) | set(payload["credentialSubject"]) | set(payload["type"])
    terms = {term for term in ours if not term.startswith("@")}
    assert set(CertificateFacts.model_fields) - {"certificate_id", "person_id", "body"} <= said, "all fields are signed"
    assert said - {"@context"} <= terms | W3C_TERMS
    assert terms - said == {"skc", "xsd"}, "nothing is defined that no certificate says"
    assert not terms & W3C_TERMS, "the terms of the W3C are protected"
    for term in terms - {"xsd"}:
        iri = ours[term] if isinstance(ours[term], str) else ours[term]["@id"]
        assert iri in (f"skc:{term}", "urn:skill-voucher:certificate:")


def nulls(value: object) -> list[object]:
    """Every null inside."""
    if isinstance(value, dict):
        return [null for member in value.values() for null in nulls(member)]
    if isinstance(value, list):
        return [null for member in value for null in nulls(member)]
    return [value] if value is None else []


def test_what_is_not_known_is_left_out() -> None:
    least = facts(assessed_on=None, completed_on=None, voucher_id=None, enrolment_id=None)
    assert nulls(certificate_payload(least, "https://evaluation.test")) == []


def test_the_subject_is_named_by_id_and_digest_only(certifier: Issuer) -> None:
    readable = decoded(sign_certificate(facts(), certifier.key))
    for field in ("name", "id_number", "phone", "birth", "salt"):
        assert f'"{field}"' not in readable


def test_a_certificate_with_anything_more_or_else_is_refused(certifier: Issuer) -> None:
    payload = certificate_payload(facts(), "https://evaluation.test")
    subject = payload["credentialSubject"]
    altered = [
        payload | {"name": "somebody"},
        payload | {"credentialSubject": subject | {"grade": "A"}},
        payload | {"credentialSubject": subject | {"level": "4"}},
        payload | {"credentialSubject": subject | {"level": True}},
        payload | {"credentialSubject": subject | {"level": 6}},
        payload | {"credentialSubject": subject | {"voucher_id": None}},
        payload | {"credentialSubject": subject | {"voucher_id": subject["voucher_id"].upper()}},
        payload | {"credentialSubject": {key: value for key, value in subject.items() if key != "act"}},
        payload | {"credentialSubject": [subject]},
        payload | {"validFrom": "2020-01-01T00:00:00+08:00"},
        payload | {"validUntil": "2020-01-01T00:00:00+08:00"},
        payload | {"issuer": subject},
        payload | {"issuer": "urn:uscc:91410402MA00000001"},
        payload | {"issuer": payload["issuer"].removeprefix("urn:uscc:")},
        payload | {"type": ["VerifiableCredential"]},
        payload | {"@context": payload["@context"][:1]},
        payload | {"@context": ["https://www.w3.org/ns/credentials/v2", "https://other.test/v1/certificate-context"]},
        {},
    ]
    assert verify_certificate(sign_jws(payload, certifier.key, typ=CERTIFICATE_TYP), certifier.keys)
    for payload in altered:
        with pytest.raises(CertificateSignatureInvalid):
            verify_certificate(sign_jws(payload, certifier.key, typ=CERTIFICATE_TYP), certifier.keys)


def test_a_forged_certificate(certifier: Issuer) -> None:
    text = sign_certificate(facts(level=5), certifier.key)
    head, _, signature = text.split(".")
    other = sign_certificate(facts(level=1), make_issuer(CERTIFICATE_KID).key)
    for forged in (other, f"{head}.{other.split('.')[1]}.{signature}", text[:-1], "", "x"):
        with pytest.raises(CertificateSignatureInvalid):
            verify_certificate(forged, certifier.keys)


@pytest.mark.parametrize(
    "kid",
    [
        "certificates",
        "/v1/certificate-keys#1",
        "https://evaluation.test",
        "https://evaluation.test/v1/certificate-keys",
        "https://evaluation.test/v1/certificate-keys#",
        "https:///v1/certificate-keys#1",
        "urn:evaluation/v1/certificate-keys#1",
        "https://evaluation.test#/v1/certificate-keys#1",
        "https://evaluation.test?/v1/certificate-keys#1",
    ],
)
def test_a_certificate_key_has_a_url_for_a_name(tmp_path: Path, kid: str) -> None:
    private, public = new_key_pair(kid)
    (tmp_path / "private.json").write_text(json.dumps(private))
    (tmp_path / "public.json").write_text(key_set_json([new_key_pair(CERTIFICATE_KID)[1], public]))
    with pytest.raises(KeyUnusable):
        read_certificate_signing_key(tmp_path / "private.json")
    with pytest.raises(KeyUnusable):
        read_certificate_keys(tmp_path / "public.json")
    with pytest.raises(KeyUnusable):
        sign_certificate(facts(), make_issuer(kid).key)


def test_a_base_may_have_a_path(tmp_path: Path) -> None:
    private, public = new_key_pair("http://city.test:8000/skills/v1/certificate-keys#2026")
    (tmp_path / "private.json").write_text(json.dumps(private))
    (tmp_path / "public.json").write_text(key_set_json([public]))
    key, keys = read_certificate_signing_key(tmp_path / "private.json"), read_certificate_keys(tmp_path / "public.json")
    text = sign_certificate(facts(), key)
    assert verify_certificate(text, keys)
    assert "http://city.test:8000/skills/v1/certificate-context" in decoded(text)


def test_one_kind_of_signature_never_passes_for_another(certifier: Issuer) -> None:
    certificate, token = sign_certificate(facts(), certifier.key), sign_jws(claims(), certifier.key)
    code = sign_presence_code(presence(), certifier.key)
    for text in (token, code):
        with pytest.raises(CertificateSignatureInvalid):
            verify_certificate(text, certifier.keys)
    for text in (token, certificate):
        with pytest.raises(PresenceCodeInvalid):
            read_presence_code(text, certifier.keys, at=AT)
    for text in (certificate, code):
        with pytest.raises(SignatureInvalid):
            verify_jws(text, certifier.keys)
        with pytest.raises(TokenInvalid):
            TokenVerifier(certifier.keys, ISSUER).principal_of(text)


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
        {"exp": True},
        {"level": -1},
        {"level": 6},
        {"level": 10**30},
        {"skill_code": ""},
        {"skill_code": " "},
        {"skill_code": "x" * 500},
        {"skill_code": "6-31-01-03 "},
        {"skill_code": "\u3164"},
        {"institution": ""},
        {"institution": " " * 18},
        {"institution": "91410402MA00000001"},
        {"institution": "91410402000001230r"},
        {"payee": ""},
        {"payee": " "},
        {"payee": "91410402MA00000001"},
        {"payee": "9" * 500},
        {"mandate": None, "payee": None, "jti": None},
        {"voucher": ""},
        {"voucher": "00000000-0000-0000-0000-000000000000"},
        {"person": "ffffffff-ffff-ffff-ffff-ffffffffffff"},
        {"person": "{0193a1b0-0000-7000-8000-000000000001}"},
        {"jti": "0193A1B0-0000-7000-8000-000000000001"},
        {"jti": "0193a1b0000070008000000000000001"},
        {"mandate": "00000000-0000-0000-0000-000000000000"},
        {"mandate": ""},
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
