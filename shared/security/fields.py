"""Encrypted columns and their blind indexes.

A value is bound to its place: table, column, row and key version are authenticated with it, so that a ciphertext copied
into another row or column does not open. Layout: cipher (1 byte), key version (2), nonce (12), ciphertext and tag (16).
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from shared.security.digests import framed
from shared.settings import Settings, SettingsInvalid

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
AES_256_GCM = 1
SM4_GCM = 2
_CIPHERS = {"aes-256-gcm": AES_256_GCM, "sm4-gcm": SM4_GCM}
_HEADER_BYTES = 3


class FieldUnreadable(ValueError):
    """A ciphertext does not open at this place: damaged, moved, or of a key that is not here."""


@dataclass(frozen=True, slots=True)
class _FieldKey:
    """One version's key, prepared for both ciphers. SM4 takes 128 bits, so its key is derived."""

    aes: AESGCM
    sm4: bytes

    @classmethod
    def of(cls, secret: bytes) -> "_FieldKey":
        return cls(AESGCM(secret), HKDFExpand(hashes.SHA256(), 16, b"skill-voucher|sm4-gcm").derive(secret))


def _secret(text: object, setting: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise SettingsInvalid(f"{setting}: a key is base64 of {KEY_BYTES} bytes")
    return secret


def _read_field_keys(path: Path) -> tuple[int, dict[int, _FieldKey]]:
    try:
        document: Any = json.loads(path.read_text())
        keys = {int(version): _FieldKey.of(_secret(text, "field keys")) for version, text in document["keys"].items()}
        current = document["current"]
    except SettingsInvalid:
        raise
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SettingsInvalid('field keys: expected {"current": 1, "keys": {"1": "<base64>"}}') from None
    if type(current) is not int or current not in keys or not all(1 <= version <= 0xFFFF for version in keys):
        raise SettingsInvalid("field keys: `current` must be one of the versions 1 to 65535")
    return current, keys


def _place(table: str, column: str, row: object, key_version: int) -> bytes:
    parts = (table, column, str(row), str(key_version))
    if any("|" in part or not part for part in parts):
        raise ValueError("table, column and row must be there and hold no '|'")
    return "|".join(parts).encode()


class FieldCipher:
    """Encrypts with the current key, opens with any that is kept, and computes blind indexes."""

    def __init__(self, settings: Settings) -> None:
        """Reads FIELD_KEY_FILE, and BLIND_INDEX_KEY_FILE if it is set; `SettingsInvalid` if one is unusable."""
        self._current, self._keys = _read_field_keys(settings.need_file("field_key_file"))
        self._cipher = _CIPHERS[settings.field_cipher]
        self._index_key: bytes | None = None
        if settings.blind_index_key_file is not None:
            text = settings.need_file("blind_index_key_file").read_text().strip()
            self._index_key = _secret(text, "blind index key")

    def encrypt(self, plain: str, *, table: str, column: str, row: UUID | str) -> bytes:
        """The ciphertext of `plain` for exactly this place."""
        key = self._keys[self._current]
        place = _place(table, column, row, self._current)
        nonce = secrets.token_bytes(NONCE_BYTES)
        header = bytes((self._cipher,)) + self._current.to_bytes(2, "big")
        if self._cipher == AES_256_GCM:
            return header + nonce + key.aes.encrypt(nonce, plain.encode(), place)
        encryptor = Cipher(algorithms.SM4(key.sm4), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(place)
        body = encryptor.update(plain.encode()) + encryptor.finalize()
        return header + nonce + body + encryptor.tag

    def decrypt(self, ciphertext: bytes, *, table: str, column: str, row: UUID | str) -> str:
        """The text; `FieldUnreadable` if it does not open at this place."""
        key_version = self.key_version(ciphertext)
        key = self._keys.get(key_version)
        nonce, body = ciphertext[_HEADER_BYTES : _HEADER_BYTES + NONCE_BYTES], ciphertext[_HEADER_BYTES + NONCE_BYTES :]
        if key is None or len(body) < TAG_BYTES:
            raise FieldUnreadable("no key of this version, or too short")
        place = _place(table, column, row, key_version)
        try:
            if ciphertext[0] == AES_256_GCM:
                return key.aes.decrypt(nonce, body, place).decode()
            if ciphertext[0] == SM4_GCM:
                tag = modes.GCM(nonce, body[-TAG_BYTES:])
                decryptor = Cipher(algorithms.SM4(key.sm4), tag).decryptor()
                decryptor.authenticate_additional_data(place)
                return (decryptor.update(body[:-TAG_BYTES]) + decryptor.finalize()).decode()
        except InvalidTag:
            raise FieldUnreadable("damaged, or moved from another place") from None
        raise FieldUnreadable("unknown cipher")

    def key_version(self, ciphertext: bytes) -> int:
        """The key version that a ciphertext was made with; older than the current one means: encrypt anew."""
        if len(ciphertext) < _HEADER_BYTES:
            raise FieldUnreadable("too short")
        return int.from_bytes(ciphertext[1:_HEADER_BYTES], "big")

    def blind_index(self, text: str, *, purpose: str) -> bytes:
        """HMAC-SHA256, 32 bytes, of the canonical `text`, by its own key; indexes of two purposes never match."""
        if self._index_key is None:
            raise SettingsInvalid("SKILL_VOUCHER_BLIND_INDEX_KEY_FILE is missing: a blind index is needed")
        return hmac.digest(self._index_key, framed(purpose.encode(), text.encode()), hashlib.sha256)


def new_field_keys(versions: int = 1) -> Mapping[str, object]:
    """The content of a new FIELD_KEY_FILE, for development and tests."""
    keys = {str(version): new_key_text() for version in range(1, versions + 1)}
    return {"current": versions, "keys": keys}


def new_key_text() -> str:
    """A new key as the files hold it: base64 of 32 random bytes."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")
