"""Compact JWS, ES256 only. python-jose computes; what may be read at all is decided here, before it is asked."""

import json
from collections.abc import Mapping, Set
from typing import Any, NamedTuple

from jose import jws

from shared.kernel.errors import DomainError
from shared.kernel.strict_json import decode_base64url, parse_json
from shared.security.keys import ALGORITHM, KeySet, SigningKey

MAX_JWS_BYTES = 8_192
SIGNATURE_BYTES = 64


class SignatureInvalid(DomainError):
    """The text is not a signature of a pinned key, of the expected kind. Why is never said."""

    code, status = "signature_invalid", 422
    zh, en = "签名无效", "The signature is not valid."


class Signed(NamedTuple):
    """What was signed, and the key that did it."""

    payload: dict[str, Any]
    kid: str


def sign_jws(payload: Mapping[str, Any], key: SigningKey, *, typ: str = "JWT") -> str:
    """`payload` signed; the header is exactly `alg`, `kid` and `typ`. `typ` keeps kinds of signatures apart."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return jws.sign(body, key.key, headers={"kid": key.kid, "typ": typ}, algorithm=ALGORITHM)


def verify_jws(
    text: str, keys: KeySet, *, types: Set[str] = frozenset({"JWT"}), max_bytes: int = MAX_JWS_BYTES
) -> dict[str, Any]:
    """The payload of a JWS of one of `keys`; `SignatureInvalid` as `read_jws` says."""
    return read_jws(text, keys, types=types, max_bytes=max_bytes).payload


def read_jws(text: str, keys: KeySet, *, types: Set[str], max_bytes: int = MAX_JWS_BYTES) -> Signed:
    """The payload of a JWS of one of `keys`, with the `kid` of that key.

    `SignatureInvalid` unless: at most `max_bytes`, three segments of canonical base64url, a header of exactly
    `{alg: ES256, kid: a pinned one, typ: one of types}`, a good signature, and a JSON object without repeated keys.
    """
    try:
        return _verified(text, keys, types, max_bytes)
    except Exception:  # noqa: BLE001  # whatever the library raises on hostile input, the answer is no
        raise SignatureInvalid from None


def _verified(text: str, keys: KeySet, types: Set[str], max_bytes: int) -> Signed:
    if len(text) > max_bytes:
        raise ValueError("too long")
    header_text, payload_text, signature_text = text.split(".")
    header = parse_json(decode_base64url(header_text))
    payload_bytes = decode_base64url(payload_text)
    if len(decode_base64url(signature_text)) != SIGNATURE_BYTES:
        raise ValueError("no ES256 signature")
    if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"}:
        raise ValueError("header fields")
    if header["alg"] != ALGORITHM or header["typ"] not in types:
        raise ValueError("header values")
    signed = jws.verify(text, keys[header["kid"]], [ALGORITHM])
    payload = parse_json(payload_bytes)
    if signed != payload_bytes or not isinstance(payload, dict):
        raise ValueError("payload")
    return Signed(payload, header["kid"])
