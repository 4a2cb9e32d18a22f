"""Signed events: every byte counts, a key signs for its service only, and another kind of signature is none."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.kernel.strict_json import decode_base64url, encode_base64url, parse_json
from shared.security import (
    EventSignatureInvalid,
    EventSigner,
    EventVerifier,
    KeyUnusable,
    new_key_pair,
    parse_key_set,
    parse_signing_key,
    sign_jws,
)
from tests.shared.security.conftest import Issuer, make_issuer

DOCUMENT = '{"type":"cn.skillvoucher.voucher.voucher.bound.v1","subject":"券","data":{"id":1,"signature":"x..y"}}'


@pytest.fixture(scope="session")
def owner() -> Issuer:
    """The voucher service."""
    return make_issuer("voucher/1")


@pytest.fixture
def signed(owner: Issuer) -> bytes:
    """An event as its owner wrote it."""
    return EventSigner(owner.key).sign(DOCUMENT).encode()


def test_who_signed_is_known_and_the_document_is_json_with_one_more_member(owner: Issuer, signed: bytes) -> None:
    assert EventVerifier(owner.keys).signer_of(signed) == "voucher"
    read = parse_json(signed)
    assert read == {**json.loads(DOCUMENT), "signature": read["signature"]}
    header, detached, _ = read["signature"].split(".")
    assert json.loads(decode_base64url(header)) == {"alg": "ES256", "kid": "voucher/1", "typ": "event+jws"}
    assert detached == ""


def test_any_library_verifies_it_once_the_document_is_put_back(owner: Issuer, signed: bytes) -> None:
    """RFC 7515, appendix F."""
    from jose import jws  # the other implementation of the standard

    header, _, signature = parse_json(signed)["signature"].split(".")
    attached = f"{header}.{encode_base64url(DOCUMENT.encode())}.{signature}"
    assert jws.verify(attached, owner.keys["voucher/1"], ["ES256"]) == DOCUMENT.encode()


TAMPERED: dict[str, Callable[[bytes], bytes]] = {
    "another byte": lambda value: value.replace(b"bound", b"found"),
    "a blank before it": lambda value: value.replace(b',"signature":"ey', b' ,"signature":"ey'),
    "a blank after it": lambda value: value[:-1] + b" }",
    "a line after it": lambda value: value + b"\n",
    "no signature": lambda _: DOCUMENT.encode(),
    "another member behind": lambda value: value[:-1] + b',"more":1}',
    "two signatures": lambda value: value[:-1] + value[value.rindex(b',"signature"') :],
    "another signature": lambda value: value[:-4] + (b"A" if value[-4:-3] != b"A" else b"B") + value[-3:],
    "the payload attached": lambda value: value.replace(b"..", b".e30.", 1),
    "unused bits set": lambda value: value[:-3] + bytes([value[-3] + 1]) + value[-2:],
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_every_byte_counts(owner: Issuer, signed: bytes, how: str) -> None:
    with pytest.raises(EventSignatureInvalid):
        EventVerifier(owner.keys).signer_of(TAMPERED[how](signed))


def test_numbers_that_are_no_signature_are_refused(owner: Issuer, signed: bytes) -> None:
    at = signed.rindex(b"..") + 2
    for raw in (bytes(64), b"\xff" * 64, bytes(63) + b"\x01"):
        forged = signed[:at] + encode_base64url(raw).encode() + b'"}'
        with pytest.raises(EventSignatureInvalid):
            EventVerifier(owner.keys).signer_of(forged)


def test_another_key_of_the_same_name_is_not_the_owners(signed: bytes) -> None:
    with pytest.raises(EventSignatureInvalid):
        EventVerifier(make_issuer("voucher/1").keys).signer_of(signed)
    with pytest.raises(EventSignatureInvalid):
        EventVerifier(make_issuer("voucher/2").keys).signer_of(signed)


def test_a_key_answers_for_its_own_service(owner: Issuer) -> None:
    other = make_issuer("training/1")
    verifier = EventVerifier(parse_key_set({"keys": [owner.public_jwk, other.public_jwk]}))
    assert verifier.signer_of(EventSigner(other.key).sign(DOCUMENT).encode()) == "training"
    renamed = EventSigner(replace(other.key, kid="voucher/1"))
    with pytest.raises(EventSignatureInvalid):
        verifier.signer_of(renamed.sign(DOCUMENT).encode())


@pytest.mark.parametrize("typ", ["JWT", "vc+jwt"])
def test_another_kind_of_signature_by_the_same_key_is_none(owner: Issuer, typ: str) -> None:
    document = json.loads(DOCUMENT)
    header, _, signature = sign_jws(document, owner.key, typ=typ).split(".")
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    forged = f'{body[:-1]},"signature":"{header}..{signature}"}}'.encode()
    with pytest.raises(EventSignatureInvalid):
        EventVerifier(owner.keys).signer_of(forged)


@pytest.mark.parametrize("kid", ["voucher", "voucher/", "/1", "Voucher/1", "voucher/1/2", "https://voucher/1"])
def test_a_key_named_after_no_service_is_unusable(kid: str) -> None:
    private, public = new_key_pair(kid)
    with pytest.raises(KeyUnusable):
        EventSigner(parse_signing_key(private))
    with pytest.raises(KeyUnusable):
        EventVerifier(parse_key_set({"keys": [public]}))
