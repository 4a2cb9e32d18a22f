"""Access tokens: every way to forge, stretch or bend one is answered alike."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.credit_code import make_credit_code
from shared.security import Role, TokenInvalid, TokenVerifier, sign_jws
from shared.security.tokens import MAX_TOKEN_BYTES, REMEMBERED_TOKENS
from tests.shared.security.conftest import ISSUER, PERSON, Issuer, claims, make_issuer


def segment(value: object) -> str:
    """A value as a JWS segment."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(issuer: Issuer, header: object, payload: object) -> str:
    """A token with a good signature over any header and payload, which `sign_jws` would never make."""
    signing_input = f"{segment(header)}.{segment(payload)}"
    return f"{signing_input}.{segment(issuer.key.key.sign(signing_input.encode()))}"


def header(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    return {"alg": "ES256", "kid": issuer.key.kid, "typ": "JWT"} | changes


@pytest.fixture
def verifier(issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(issuer.keys, ISSUER)


def test_a_good_token_names_its_principal(issuer: Issuer, verifier: TokenVerifier) -> None:
    token = sign_jws(claims(role="officer", areas=["410402", "410403"]), issuer.key)
    principal = verifier.principal_of(token)
    assert principal.account == "account-1"
    assert principal.person_id == principal.person == UUID(PERSON)
    assert principal.role is Role.OFFICER
    assert principal.covers("410402")
    assert not principal.covers("410400")
    assert not principal.covers("410404")
    assert verifier.principal_of(token) is principal


def test_the_whole_city_covers_every_area(issuer: Issuer, verifier: TokenVerifier) -> None:
    principal = verifier.principal_of(sign_jws(claims(role="officer", areas=["410400"]), issuer.key))
    assert principal.covers("410481")
    assert principal.covers_city


def test_a_hand_made_token_is_good_too(issuer: Issuer, verifier: TokenVerifier) -> None:
    assert verifier.principal_of(signed(issuer, header(issuer), claims())).role is Role.WORKER


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "expired": {"exp": int(time.time()) - 1},
    "exp missing": {"exp": ...},
    "exp float": {"exp": time.time() + 60},
    "exp text": {"exp": "9999999999"},
    "exp true": {"exp": True},
    "exp null": {"exp": None},
    "exp before iat": {"exp": int(time.time()) + 10, "iat": int(time.time()) + 20},
    "iat missing": {"iat": ...},
    "iat far ahead": {"iat": int(time.time()) + 864_000},
    "iat negative": {"iat": -1},
    "iat float": {"iat": time.time()},
    "nbf ahead": {"nbf": int(time.time()) + 864_000},
    "nbf text": {"nbf": "now"},
    "nbf false": {"nbf": False},
    "aud missing": {"aud": ...},
    "aud other": {"aud": "another-service"},
    "aud list of others": {"aud": ["another-service", "skill-voucher-test"]},
    "aud empty list": {"aud": []},
    "aud list of lists": {"aud": [["skill-voucher"]]},
    "aud list with a number": {"aud": ["skill-voucher", 7]},
    "aud long list": {"aud": ["skill-voucher"] * 17},
    "aud object": {"aud": {"skill-voucher": True}},
    "aud part of a text": {"aud": "skill-voucher another-service"},
    "longer than a day": {"exp": int(time.time()) + 90_000},
    "a day from long ago": {"iat": int(time.time()) - 86_401, "exp": int(time.time()) + 60},
    "for ever": {"exp": 2**62},
    "iss missing": {"iss": ...},
    "iss other": {"iss": ISSUER + "/"},
    "sub missing": {"sub": ...},
    "sub empty": {"sub": ""},
    "sub number": {"sub": 7},
    "sub long": {"sub": "x" * 129},
    "sub unprintable": {"sub": "a\nb"},
    "sub blank": {"sub": " "},
    "sub with a blank": {"sub": "account 1"},
    "sub of blank letters": {"sub": "\u3164\u2800"},
    "sub ends a line": {"sub": "account-1\n"},
    "jti missing": {"jti": ...},
    "jti empty": {"jti": ""},
    "jti blank": {"jti": "  "},
    "jti of blank letters": {"jti": "\u3164"},
    "jti long": {"jti": "x" * 201},
    "jti number": {"jti": 1},
    "role missing": {"role": ...},
    "role unknown": {"role": "root"},
    "role list": {"role": ["worker"]},
    "person no uuid": {"person": "me"},
    "person not canonical": {"person": PERSON.upper()},
    "worker without person": {"person": ...},
    "officer without person": {"role": "officer", "areas": ["410402"], "person": ...},
    "officer without areas": {"role": "officer"},
    "officer with no areas": {"role": "officer", "areas": []},
    "finance without person": {"role": "finance", "person": ...},
    "institution without institution": {"role": "institution"},
    "body without institution": {"role": "body"},
    "institution no credit code": {"role": "institution", "institution": "X" * 18},
    "institution null": {"institution": None},
    "areas text": {"areas": "410402"},
    "areas of numbers": {"areas": [410402]},
    "areas odd": {"areas": ["4104"]},
    "an area of nowhere": {"areas": ["410402", "410499"]},
    "an area of another city": {"areas": ["410100"]},
    "areas many": {"areas": ["410402"] * 65},
}


@pytest.mark.parametrize("changes", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
def test_bad_claims(issuer: Issuer, verifier: TokenVerifier, changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        verifier.principal_of(sign_jws(claims(**changes), issuer.key))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["skill-voucher"]},
        {"aud": ["another-service", "skill-voucher"]},
        {"sub": "auth0|5f7c8ec7c33c6c004bbafe82", "jti": "x" * 200},
        {"sub": "x" * 128, "exp": int(time.time()) + 86_300},
    ],
    ids=["aud list of one", "aud list", "sub of a provider", "a day"],
)
def test_what_providers_send(issuer: Issuer, verifier: TokenVerifier, changes: dict[str, Any]) -> None:
    assert verifier.principal_of(sign_jws(claims(**changes), issuer.key)).role is Role.WORKER


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "at+JWT", "application/at+jwt"])
def test_types_of_access_tokens(issuer: Issuer, verifier: TokenVerifier, typ: str) -> None:
    assert verifier.principal_of(sign_jws(claims(), issuer.key, typ=typ)).role is Role.WORKER


BAD_HEADERS: dict[str, dict[str, Any]] = {
    "alg none": {"alg": "none"},
    "alg None": {"alg": None},
    "alg HS256": {"alg": "HS256"},
    "alg ES384": {"alg": "ES384"},
    "alg es256": {"alg": "es256"},
    "alg list": {"alg": ["ES256"]},
    "kid unknown": {"kid": "issuer-2"},
    "kid list": {"kid": ["issuer-1"]},
    "typ other": {"typ": "vc+jwt"},
    "typ lower": {"typ": "jwt"},
    "typ of another kind": {"typ": "presence+jwt"},
    "typ list": {"typ": ["JWT"]},
    "typ part": {"typ": "at"},
    "jwk": {"jwk": {"kty": "EC"}},
    "jku": {"jku": "https://evil.test/keys"},
    "x5u": {"x5u": "https://evil.test/x"},
    "crit": {"crit": ["exp"]},
    "b64": {"b64": False},
    "zip": {"zip": "DEF"},
    "cty": {"cty": "JWT"},
}


@pytest.mark.parametrize("changes", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_bad_headers_even_if_well_signed(issuer: Issuer, verifier: TokenVerifier, changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        verifier.principal_of(signed(issuer, header(issuer, **changes), claims()))


@pytest.mark.parametrize("name", ["alg", "kid", "typ"])
def test_a_header_field_missing(issuer: Issuer, verifier: TokenVerifier, name: str) -> None:
    less = {key: value for key, value in header(issuer).items() if key != name}
    with pytest.raises(TokenInvalid):
        verifier.principal_of(signed(issuer, less, claims()))


def test_unsigned(issuer: Issuer, verifier: TokenVerifier) -> None:
    unsigned = f"{segment(header(issuer, alg='none'))}.{segment(claims())}."
    for token in (unsigned, unsigned.rstrip(".")):
        with pytest.raises(TokenInvalid):
            verifier.principal_of(token)


@pytest.mark.parametrize("alg", ["HS256", "ES256"])
def test_signed_with_the_public_key_as_a_shared_secret(issuer: Issuer, verifier: TokenVerifier, alg: str) -> None:
    public = issuer.keys[issuer.key.kid].to_pem()
    signing_input = f"{segment(header(issuer, alg=alg))}.{segment(claims())}"
    forged = hmac.digest(public, signing_input.encode(), hashlib.sha256)
    for signature in (forged, forged * 2):
        with pytest.raises(TokenInvalid):
            verifier.principal_of(f"{signing_input}.{segment(signature)}")


def test_signed_by_somebody_else_under_the_pinned_kid(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenInvalid):
        verifier.principal_of(sign_jws(claims(), make_issuer("issuer-1").key))


def test_every_character_of_the_signature_counts(issuer: Issuer, verifier: TokenVerifier) -> None:
    token = sign_jws(claims(), issuer.key)
    head, signature = token.rsplit(".", 1)
    for index in range(len(signature)):
        changed = "A" if signature[index] != "A" else "B"
        with pytest.raises(TokenInvalid):
            verifier.principal_of(f"{head}.{signature[:index]}{changed}{signature[index + 1 :]}")


def test_a_changed_payload(issuer: Issuer, verifier: TokenVerifier) -> None:
    head, _, signature = sign_jws(claims(), issuer.key).split(".")
    with pytest.raises(TokenInvalid):
        verifier.principal_of(f"{head}.{segment(claims(role='auditor'))}.{signature}")


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\0" * 63, b"\xff" * 64, b"0" * 72])
def test_degenerate_signatures(issuer: Issuer, verifier: TokenVerifier, signature: bytes) -> None:
    with pytest.raises(TokenInvalid):
        verifier.principal_of(f"{segment(header(issuer))}.{segment(claims())}.{segment(signature)}")


def variants(token: str) -> dict[str, str]:
    """Other spellings of a good token, which a lenient reader would take for the same."""
    head, payload, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other_bits = alphabet[alphabet.index(signature[-1]) ^ 1]
    return {
        "padding": f"{head}=.{payload}.{signature}",
        "padding of the signature": f"{head}.{payload}.{signature}==",
        "trailing bits": f"{head}.{payload}.{signature[:-1]}{other_bits}",
        "newline": token + "\n",
        "newline inside": f"{head}\n.{payload}.{signature}",
        "space": " " + token,
        "standard alphabet": f"{head}.{payload}.{signature[:-1]}+",
        "four segments": token + ".",
        "four full segments": f"{head}.{payload}.{signature}.{signature}",
        "two segments": f"{head}.{payload}",
        "one segment": head,
        "empty": "",
        "dots": "..",
        "not ascii": f"{head}.{payload}.{signature}é",
        "full width": f"{head}.{payload}.{signature[:-1]}Ａ",
        "json serialisation": json.dumps({"payload": payload, "protected": head, "signature": signature}),
    }


@pytest.mark.parametrize("name", list(variants("aaaa.bbbb.cccc")))
def test_other_spellings(issuer: Issuer, verifier: TokenVerifier, name: str) -> None:
    token = sign_jws(claims(), issuer.key)
    verifier.principal_of(token)
    with pytest.raises(TokenInvalid):
        verifier.principal_of(variants(token)[name])


@pytest.mark.parametrize(
    "payload",
    [
        b'{"sub":"a","sub":"b"}',
        b"[]",
        b'"text"',
        b"null",
        b"",
        b"{",
        b"\xff\xfe{}",
        b"[" * 3_000,
        b'{"exp": NaN}',
        b'{"exp": ' + b"9" * 2_500 + b"}",
    ],
    ids=["repeated key", "list", "text", "null", "empty", "cut", "utf-16", "deep", "nan", "large number"],
)
def test_payloads_that_are_no_claims(issuer: Issuer, verifier: TokenVerifier, payload: bytes) -> None:
    with pytest.raises(TokenInvalid):
        verifier.principal_of(signed(issuer, header(issuer), payload))


def test_a_repeated_claim_is_refused_though_well_signed(issuer: Issuer, verifier: TokenVerifier) -> None:
    text = json.dumps(claims())
    twice = text[:-1] + ', "role": "auditor"}'
    with pytest.raises(TokenInvalid):
        verifier.principal_of(signed(issuer, header(issuer), twice.encode()))
    head = json.dumps(header(issuer))[:-1] + ', "alg": "ES256"}'
    with pytest.raises(TokenInvalid):
        verifier.principal_of(signed(issuer, head.encode(), claims()))


def test_too_long(issuer: Issuer, verifier: TokenVerifier) -> None:
    token = sign_jws(claims(more="x" * MAX_TOKEN_BYTES), issuer.key)
    with pytest.raises(TokenInvalid):
        verifier.principal_of(token)
    with pytest.raises(TokenInvalid):
        verifier.principal_of("a" * 10_000_000)


class Clock:
    """A clock that the test moves; seconds since 1970."""

    def __init__(self) -> None:
        self.now_s = time.time()

    def __call__(self) -> float:
        return self.now_s


def test_a_remembered_token_expires(issuer: Issuer) -> None:
    clock = Clock()
    verifier = TokenVerifier(issuer.keys, ISSUER, clock=clock)
    token = sign_jws(claims(), issuer.key)
    verifier.principal_of(token)
    clock.now_s += 299
    verifier.principal_of(token)
    clock.now_s += 2
    for _ in range(2):
        with pytest.raises(TokenInvalid):
            verifier.principal_of(token)


def test_only_good_tokens_are_remembered_and_not_too_many(issuer: Issuer) -> None:
    verifier = TokenVerifier(issuer.keys, ISSUER)
    with pytest.raises(TokenInvalid):
        verifier.principal_of("a.b.c")
    assert not verifier._remembered
    good = verifier.principal_of(sign_jws(claims(), issuer.key))
    far_s = int(time.time()) + 10_000
    verifier._remembered.update({number.to_bytes(32, "big"): (good, far_s) for number in range(REMEMBERED_TOKENS)})
    verifier.principal_of(sign_jws(claims(jti="another"), issuer.key))
    assert len(verifier._remembered) <= REMEMBERED_TOKENS + 1


def test_the_refusal_never_says_why(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenInvalid) as refused:
        verifier.principal_of("secret.secret.secret")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_an_institution_is_its_credit_code(issuer: Issuer, verifier: TokenVerifier) -> None:
    code = make_credit_code("410402", 7)
    token = sign_jws(claims(role="institution", institution=code, person=...), issuer.key)
    assert verifier.principal_of(token).organisation == code
