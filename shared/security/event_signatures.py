"""Signatures of events: a detached compact JWS (RFC 7515, appendix F) over the very bytes of the envelope.

It stands in the envelope itself, as its last member (CloudEvents extension `signature`): what is signed is the document
without that member, byte for byte, so that nothing is parsed or written anew between signing and verifying.
"""

import json
import re
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from shared.kernel.errors import DomainError
from shared.kernel.strict_json import NotStrict, decode_base64url, encode_base64url
from shared.security.keys import (
    ALGORITHM,
    COORDINATE_BYTES,
    KeyFile,
    KeySet,
    KeyUnusable,
    SigningKey,
    generation_of,
    read_signing_key,
)

EVENT_TYP = "event+jws"
"""The header's `typ`, which keeps signatures of events apart from tokens and certificates."""

_KID = re.compile(r"([a-z]{1,32})/[A-Za-z0-9._-]{1,64}")
_SIGNED = re.compile(rb',"signature":"([A-Za-z0-9_-]{1,256})\.\.([A-Za-z0-9_-]{86})"\}\Z')
_ECDSA = ec.ECDSA(hashes.SHA256())


class EventSignatureInvalid(DomainError):
    """The event is not signed by a pinned key of its owner: whoever sent it, its owner did not write it like this."""

    code = "event_signature_invalid"
    policy = "R26"
    zh, en = "事件没有其所属服务的有效签名", "The event has no valid signature of the service that owns it."


class EventSigner:
    """Signs events with a service's private key; some tens of microseconds each."""

    def __init__(self, key: SigningKey) -> None:
        """`KeyUnusable` if the key's `kid` names no service."""
        self.service = key_owner(key.kid)
        self._header = _header(key.kid)
        self._private: ec.EllipticCurvePrivateKey = _prepared(key.key)

    def sign(self, document: str) -> str:
        """The envelope `document`, a JSON object, with its signature as the last member."""
        der = self._private.sign(_signing_input(self._header, document.encode()), _ECDSA)
        r, s = utils.decode_dss_signature(der)
        signature = encode_base64url(r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big"))
        return f'{document[:-1]},"signature":"{self._header.decode()}..{signature}"}}'


class EventVerifier:
    """Tells which service signed an event."""

    def __init__(self, keys: KeySet) -> None:
        """`KeyUnusable` if the `kid` of a key names no service."""
        self._source, self._generation = keys, generation_of(keys)
        self._keys = _by_header(keys)

    def signer_of(self, document: bytes) -> str:
        """The service whose key signed these bytes; `EventSignatureInvalid` unless they end in a good signature."""
        signed = _SIGNED.search(document)
        if self._generation != generation_of(self._source):
            self._generation, self._keys = generation_of(self._source), _by_header(self._source)
        if signed is None or signed[1] not in self._keys:
            raise EventSignatureInvalid
        service, key = self._keys[signed[1]]
        try:
            raw = decode_base64url(signed[2].decode())
            der = utils.encode_dss_signature(
                int.from_bytes(raw[:COORDINATE_BYTES], "big"), int.from_bytes(raw[COORDINATE_BYTES:], "big")
            )
            key.verify(der, _signing_input(signed[1], document[: signed.start()] + b"}"), _ECDSA)
        except (NotStrict, InvalidSignature):
            raise EventSignatureInvalid from None
        return service


def key_owner(kid: str) -> str:
    """The service that a key signs for, `<service>/<name>`; `KeyUnusable` for any other name."""
    named = _KID.fullmatch(kid)
    if named is None:
        raise KeyUnusable("the kid of a key of events is <service>/<name>")
    return named[1]


def read_event_signer(path: Path) -> EventSigner:
    """The signer of a JWK file; `KeyUnusable`."""
    return EventSigner(read_signing_key(path))


def read_event_verifier(path: Path) -> EventVerifier:
    """The verifier of a JWK-set file; `KeyUnusable`."""
    return EventVerifier(KeyFile(path, key_owner))


def _by_header(keys: KeySet) -> dict[bytes, tuple[str, ec.EllipticCurvePublicKey]]:
    """By a signature's header, the service that the key signs for, and the key."""
    return {_header(kid): (key_owner(kid), _prepared(key)) for kid, key in keys.items()}


def _prepared(key: Any) -> Any:
    """The key as cryptography has it: python-jose's types do not tell of it."""
    return key.prepared_key


def _header(kid: str) -> bytes:
    header = {"alg": ALGORITHM, "kid": kid, "typ": EVENT_TYP}
    return encode_base64url(json.dumps(header, separators=(",", ":")).encode()).encode()


def _signing_input(header: bytes, payload: bytes) -> bytes:
    return header + b"." + urlsafe_b64encode(payload).rstrip(b"=")
