"""Digests that let a fact be checked without being disclosed."""

import hashlib
import hmac
import secrets

SALT_BYTES = 16


def new_salt() -> bytes:
    """A 128-bit salt; it stays encrypted with the worker and goes only into the holder's own copy."""
    return secrets.token_bytes(SALT_BYTES)


def framed(*parts: bytes) -> bytes:
    """`parts` joined so that no other parts give the same bytes: each after its length."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def subject_digest(salt: bytes, name: str, id_number: str) -> str:
    """SHA-256, 64 hex digits, over salt, name and canonical ID number; `ValueError` unless the salt has 128 bits."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt must have {SALT_BYTES} bytes")
    return hashlib.sha256(framed(salt, name.encode(), id_number.encode())).hexdigest()


def is_subject(digest: str, salt: bytes, name: str, id_number: str) -> bool:
    """Whether `digest` is that of this person, compared in constant time."""
    return hmac.compare_digest(digest.encode(), subject_digest(salt, name, id_number).encode())
