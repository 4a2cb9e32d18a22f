"""Keys of the local run, made once: signing keys with their public halves, and the keys of encrypted columns."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
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
    TREE_HEADS = "tree-heads"


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

    def events(self, service: str) -> Path:
        """The private key of a service's events; readable by its owner alone."""
        return self.directory / f"{service}.events.jwk.json"

    @property
    def all_events(self) -> Path:
        """The public keys of every service's events, a JWK set."""
        return self.directory / "events.jwks.json"

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


def ensure_keys(
    directory: Path,
    *,
    services: Sequence[str],
    encrypting: Sequence[str],
    certificates_at: str = CERTIFICATES_AT,
    log_origin: str | None = None,
) -> Keys:
    """Make the keys that are missing; a key that exists is never replaced.

    Each of ``services`` gets a key that signs its events and nobody else's. Services of ``encrypting`` get column and
    blind-index keys of their own, so that none can read another's columns.
    ``certificates_at`` is the public base address of evaluation's interface, which publishes the certificate keys.
    ``log_origin`` names audit's log wherever its heads go, without spaces and plus signs; drawn if it is not given.
    Raises ValueError if an existing private key is not JSON.
    """
    private_directory(directory)
    keys = Keys(directory)
    origins = {
        Signing.CERTIFICATES: f"{certificates_at}{KEYS_PATH}#",
        Signing.TREE_HEADS: f"{log_origin or f'skill-voucher.local/log/{secrets.token_hex(4)}'}#",
    }
    for signing in Signing:
        _ensure_pair(keys, signing, f"{origins.get(signing, '')}{signing}-{secrets.token_hex(4)}")
    if not keys.metrics.exists():
        write_whole(keys.metrics, secrets.token_urlsafe(32) + "\n")
    for service in services:
        if not keys.events(service).exists():
            private, _ = new_key_pair(f"{service}/{secrets.token_hex(4)}")
            write_json(keys.events(service), private)
    _publish(keys.all_events, [keys.events(service) for service in services])
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
    _publish(public_file, [private_file])


def _publish(public_file: Path, private_files: Iterable[Path]) -> None:
    """Add the public halves of these keys to a set; what it held stays, for what was signed with a former key."""
    known: list[dict[str, str]] = json.loads(public_file.read_text())["keys"] if public_file.exists() else []
    kids = {key["kid"] for key in known}
    keys: list[dict[str, str]] = [json.loads(file.read_text()) for file in private_files]
    new = [{name: value for name, value in key.items() if name != "d"} for key in keys if key["kid"] not in kids]
    if new:
        write_whole(public_file, key_set_json([*known, *new]) + "\n")
