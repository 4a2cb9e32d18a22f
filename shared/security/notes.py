"""Signed notes (C2SP `signed-note`): heads of a log as the log signs them, and cosignatures of witnesses.

A note is a text of whole lines, an empty line, and signature lines: an em dash, the key's name, and base64 of a key id
of four bytes with the signature. A log signs by ECDSA (type 2, P-256, SHA-256, ASN.1; the id begins the SHA-256 of the
public key's DER); its key's name is the log's origin, the part of the `kid` before `#`. A witness cosigns by Ed25519
(type 4, C2SP `tlog-cosignature`): a time of eight bytes and the signature over a header, that time, and the text.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.kernel.errors import Invalid
from shared.security.keys import KeySet, KeyUnusable, SigningKey, read_key_set, read_signing_key

NOTE_BYTES_MOST = 64 * 1024
SIGNATURES_MOST = 64
ECDSA_TYPE, COSIGNATURE_TYPE = 2, 4

_ECDSA = ec.ECDSA(hashes.SHA256())
_KEY_NAME = r"[^\s+]{1,200}"
_KID = re.compile(rf"({_KEY_NAME})#[A-Za-z0-9._-]{{1,64}}")
_LINE = re.compile(rf"— ({_KEY_NAME}) ([A-Za-z0-9+/]{{8,400}}={{0,2}})")
_VKEY = re.compile(rf"({_KEY_NAME})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/]{{8,400}}={{0,2}})")
_ID_BYTES, _TIME_BYTES, _ED25519_BYTES = 4, 8, 32


class SignedNoteInvalid(Invalid):
    """The text is no signed note, or none that a key which is known here signed. Which of it is never said."""

    code = "signed_note_invalid"
    policy = "§三(三)"
    zh, en = "签名文本格式不符,或没有已知密钥的有效签名", "This is no note with a valid signature of a known key."


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A signature line: whose it says it is, and the bytes after the key's id."""

    name: str
    key_id: bytes
    signature: bytes
    line: str
    """As it stands in the note, without its end of line."""


@dataclass(frozen=True, slots=True)
class Cosignature:
    """What a witness said of a note: that it saw no other log than this one up to then, in seconds since 1970, UTC."""

    witness: str
    seconds: int
    line: str


def read_note(note: str) -> tuple[str, list[NoteSignature]]:
    """A note's text, its end of line included, and its signature lines; `SignedNoteInvalid` if it is none."""
    text, empty_line, lines = note.rpartition("\n\n")
    if not empty_line or not lines.endswith("\n") or len(note.encode()) > NOTE_BYTES_MOST:
        raise SignedNoteInvalid
    found = [read_signature(line) for line in lines[:-1].split("\n")]
    if len(found) > SIGNATURES_MOST:
        raise SignedNoteInvalid
    return f"{text}\n", found


def read_signature(line: str) -> NoteSignature:
    """A signature line, without its end of line; `SignedNoteInvalid` if it is none."""
    matched = _LINE.fullmatch(line)
    try:
        content = b64decode(matched[2], validate=True) if matched else b""
    except ValueError:
        content = b""
    if matched is None or len(content) <= _ID_BYTES:
        raise SignedNoteInvalid
    return NoteSignature(matched[1], content[:_ID_BYTES], content[_ID_BYTES:], line)


def origin_of(kid: str) -> str:
    """The log that a key signs heads of; `KeyUnusable` unless the `kid` is `<origin>#<name>`."""
    named = _KID.fullmatch(kid)
    if named is None:
        raise KeyUnusable("the kid of a key of tree heads is <origin>#<name>, without spaces and plus signs")
    return named[1]


class NoteSigner:
    """Signs texts with a log's private key."""

    def __init__(self, key: SigningKey) -> None:
        """`KeyUnusable` if the key's `kid` names no origin."""
        self.origin = origin_of(key.kid)
        self._private: ec.EllipticCurvePrivateKey = _prepared(key.key)
        self._key_id = _ecdsa_key_id(self._private.public_key())

    def sign(self, text: str) -> str:
        """The signed note; `text` is whole lines."""
        if not text.endswith("\n"):
            raise ValueError("a note is whole lines")
        signature = self._private.sign(text.encode(), _ECDSA)
        return f"{text}\n— {self.origin} {b64encode(self._key_id + signature).decode()}\n"


class NoteVerifier:
    """Verifies notes of logs whose public keys are known."""

    def __init__(self, keys: KeySet) -> None:
        """`KeyUnusable` if the `kid` of a key names no origin."""
        self._keys: dict[tuple[str, bytes], ec.EllipticCurvePublicKey] = {}
        for kid, key in keys.items():
            public: ec.EllipticCurvePublicKey = _prepared(key)
            self._keys[origin_of(kid), _ecdsa_key_id(public)] = public

    def verify(self, note: str) -> str:
        """The text of a note; `SignedNoteInvalid` unless a known key signed it and no known key's signature is bad."""
        text, signatures = read_note(note)
        known = [
            (self._keys[by], signed) for signed in signatures if (by := (signed.name, signed.key_id)) in self._keys
        ]
        if not known:
            raise SignedNoteInvalid
        for key, signed in known:
            try:
                key.verify(signed.signature, text.encode(), _ECDSA)
            except InvalidSignature:
                raise SignedNoteInvalid from None
        return text

    def verifier_keys(self) -> list[str]:
        """The keys in C2SP's form, `<name>+<id>+<base64 of type and key>`, for whoever wants to verify."""
        return [vkey(name, key_id, bytes([ECDSA_TYPE]) + _spki(key)) for (name, key_id), key in self._keys.items()]


class WitnessVerifier:
    """Verifies cosignatures of the witnesses that are known."""

    def __init__(self, vkeys: Iterable[str]) -> None:
        """Keys in C2SP's form; `KeyUnusable` if one is none of a witness."""
        self._keys = dict(_witness_key(text) for text in vkeys)
        self._vkeys: Mapping[tuple[str, bytes], str] = {
            (name, key_id): vkey(name, key_id, bytes([COSIGNATURE_TYPE]) + key.public_bytes_raw())
            for (name, key_id), key in self._keys.items()
        }

    def verify(self, text: str, signed: NoteSignature) -> Cosignature | None:
        """A witness's cosignature of a text, None if no known witness made it; `SignedNoteInvalid` if it is bad."""
        key = self._keys.get((signed.name, signed.key_id))
        if key is None:
            return None
        seconds = int.from_bytes(signed.signature[:_TIME_BYTES], "big")
        try:
            key.verify(signed.signature[_TIME_BYTES:], cosigned_message(text, seconds))
        except InvalidSignature:
            raise SignedNoteInvalid from None
        return Cosignature(signed.name, seconds, signed.line)

    def verifier_keys(self) -> list[str]:
        """The keys in C2SP's form."""
        return list(self._vkeys.values())


def cosigned_message(text: str, seconds: int) -> bytes:
    """What a witness signs (C2SP `tlog-cosignature`)."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def key_id(name: str, content: bytes) -> bytes:
    """The id of a key by its name and by its type and public bytes; not of ECDSA keys, which have another."""
    return hashlib.sha256(name.encode() + b"\n" + content).digest()[:_ID_BYTES]


def vkey(name: str, key_id: bytes, content: bytes) -> str:
    """A verifier key in C2SP's form; `content` is the type and the public key."""
    return f"{name}+{key_id.hex()}+{b64encode(content).decode()}"


def read_note_signer(path: Path) -> NoteSigner:
    """The signer of a JWK file; `KeyUnusable`."""
    return NoteSigner(read_signing_key(path))


def read_note_verifier(path: Path) -> NoteVerifier:
    """The verifier of a JWK-set file; `KeyUnusable`."""
    return NoteVerifier(read_key_set(path))


def read_witness_verifier(path: Path) -> WitnessVerifier:
    """The verifier of a file with a verifier key in each line; `KeyUnusable`."""
    try:
        lines: Sequence[str] = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise KeyUnusable(f"{path.name} is not a readable text file") from None
    return WitnessVerifier(line for line in lines if line and not line.startswith("#"))


def _witness_key(text: str) -> tuple[tuple[str, bytes], ed25519.Ed25519PublicKey]:
    matched = _VKEY.fullmatch(text.strip())
    try:
        content = b64decode(matched[3], validate=True) if matched else b""
    except ValueError:
        content = b""
    if matched is None or len(content) != 1 + _ED25519_BYTES or content[0] != COSIGNATURE_TYPE:
        raise KeyUnusable("a witness's key is <name>+<id>+<base64>, of the type of cosignatures by Ed25519")
    if key_id(matched[1], content).hex() != matched[2]:
        raise KeyUnusable("the id of a witness's key is not the one of its name and key")
    return (matched[1], key_id(matched[1], content)), ed25519.Ed25519PublicKey.from_public_bytes(content[1:])


def _ecdsa_key_id(key: ec.EllipticCurvePublicKey) -> bytes:
    return hashlib.sha256(_spki(key)).digest()[:_ID_BYTES]


def _spki(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _prepared(key: Any) -> Any:
    """The key as cryptography has it: python-jose's types do not say it."""
    return key.prepared_key
