"""The process's own keys, read from the files that its settings name, each once."""

from functools import cache

from shared.security.certificates import read_certificate_keys, read_certificate_signing_key
from shared.security.keys import KeySet, SigningKey, read_key_set, read_signing_key
from shared.settings import current_settings


@cache
def presence_keys() -> KeySet:
    """Public keys of presence codes (PRESENCE_JWKS_FILE)."""
    return read_key_set(current_settings().need_file("presence_jwks_file"))


@cache
def presence_signing_key() -> SigningKey:
    """Private key of presence codes (PRESENCE_KEY_FILE); only the voucher API has it."""
    return read_signing_key(current_settings().need_file("presence_key_file"))


@cache
def certificate_keys() -> KeySet:
    """Public keys of certificates (CERTIFICATE_JWKS_FILE)."""
    return read_certificate_keys(current_settings().need_file("certificate_jwks_file"))


@cache
def certificate_signing_key() -> SigningKey:
    """Private key of certificates (CERTIFICATE_KEY_FILE); only evaluation has it."""
    return read_certificate_signing_key(current_settings().need_file("certificate_key_file"))
