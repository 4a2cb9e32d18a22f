"""Keys of the local run, made once: signing keys with their public halves, and the keys of encrypted columns."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from deploy.local.files import private_directory, write_json, write_whole
from shared.security import key_set_json, new_field_keys, new_key_pair, new_key_text
from shared.security.certificates import KEYS_PATH

CERTIFICATES_AT = "http://127.0.0.1:18103"
"""Where evaluation's interface is found unless something else is said; the names of certificate keys begin with it."""


class Signing(StrEnum):
    """What is signed; each has a key of its own."""

    TOKENS = "tokens"
    PRESENCE = "presence"
    CERTIFICATES = "certificates"


@dataclass(frozen=True)
class Keys:
    """The files of a directory of keys; ``ensure_keys`` makes them."""

    directory: Path

    def private(self, signing: Signing) -> Path:
        """The private key, a JWK (ES256); readable by its owner alone."""
        return self.directory / f"{signing}.jwk.json"

    def public(self, signing: Signing) -> Path:
        """The public half, a JWK set."""
        return self.directory / f"{signing}.jwks.json"

    def field(self, service: str) -> Path:
        """The keys of a service's encrypted columns, by version; readable by their owner alone."""
        return self.directory / f"{service}.fields.json"

    def blind_index(self, service: str) -> Path:
        """The key of a service's blind indexes; readable by its owner alone."""
        return self.directory / f"{service}.blind-index.key"

    @property
    def metrics(self) -> Path:
        """The token that `/metrics` asks for; readable by its owner alone."""
        return self.directory / "metrics.token"


def ensure_keys(directory: Path, *, encrypting: tuple[str, ...], certificates_at: str = CERTIFICATES_AT) -> Keys:
    """Make the keys that are missing; a key that exists is never replaced.

    Services of ``encrypting`` get column and blind-index keys of their own, so that none can read another's columns.
    ``certificates_at`` is the public base address of evaluation's interface, which publishes the certificate keys.
    Raises ValueError if an existing private key is not JSON.
    """
    private_directory(directory)
    keys = Keys(directory)
    for signing in Signing:
        name = f"{signing}-{secrets.token_hex(4)}"
        _ensure_pair(keys, signing, f"{certificates_at}{KEYS_PATH}#{name}" if signing is Signing.CERTIFICATES else name)
    if not keys.metrics.exists():
        write_whole(keys.metrics, secrets.token_urlsafe(32) + "\n")
    for service in encrypting:
        if not keys.field(service).exists():
            write_json(keys.field(service), new_field_keys())
        if not keys.blind_index(service).exists():
            write_whole(keys.blind_index(service), new_key_text() + "\n")
    return keys


def _ensure_pair(keys: Keys, signing: Signing, kid: str) -> None:
    private_file, public_file = keys.private(signing), keys.public(signing)
    if not private_file.exists():
        private, _ = new_key_pair(kid)
        write_json(private_file, private)
        public_file.unlink(missing_ok=True)
    if not public_file.exists():
        private = json.loads(private_file.read_text())
        public = {name: value for name, value in private.items() if name != "d"}
        write_whole(public_file, key_set_json([public]) + "\n")
