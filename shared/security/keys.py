"""Signing keys: EC P-256 as JWK files, pinned by `kid`; a file of public keys may change while a process runs."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from jose.backends.base import Key
from jose.backends.cryptography_backend import CryptographyECKey

from shared.kernel.strict_json import NotStrict, decode_base64url, encode_base64url, parse_json
from shared.observability import logger

ALGORITHM = "ES256"
COORDINATE_BYTES = 32
LOOK_EVERY_S = 5.0

log = logger(__name__)


class KeyUnusable(ValueError):
    """A key file cannot be used; the message never quotes it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the `kid` that its signatures name."""

    kid: str
    key: Key


KeySet = Mapping[str, Key]
"""Pinned public keys by `kid`."""


class KeyFile(Mapping[str, Key]):
    """The public keys of a JWK-set file that is read again when it changes: keys come and go while a process runs.

    It is looked at every five seconds at most. One that cannot be used any more leaves the keys as they are and is
    logged; at the start it is `KeyUnusable`.
    """

    def __init__(self, path: Path, check: Callable[[str], object] = lambda kid: None) -> None:
        """`check` raises `KeyUnusable` for a `kid` that does not belong in such a file."""
        self._path, self._check = path, check
        self._generation = 0
        self._seen, self._keys = self._look(), self._read()
        self._looked_at = time.monotonic()

    @property
    def generation(self) -> int:
        """Counts how often the keys have changed: what was concluded from earlier ones is to be forgotten."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            self._follow()
        return self._generation

    def __getitem__(self, kid: str) -> Key:
        """The key of this `kid`, by the file as it is now."""
        _ = self.generation
        return self._keys[kid]

    def __iter__(self) -> Iterator[str]:
        _ = self.generation
        return iter(dict(self._keys))

    def __len__(self) -> int:
        return len(self._keys)

    def _follow(self) -> None:
        try:
            seen = self._look()
            if seen == self._seen:
                return
            keys = self._read()
        except (KeyUnusable, OSError) as error:
            log.error("key_file_unusable", file=self._path.name, detail=str(error))
            return
        log.info("keys_changed", file=self._path.name, before=sorted(self._keys), now=sorted(keys))
        self._seen, self._keys = seen, keys
        self._generation += 1

    def _look(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            raise KeyUnusable(f"{self._path.name} is not a readable JSON file") from None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> dict[str, Key]:
        keys = dict(parse_key_set(_read(self._path)))
        for kid in keys:
            self._check(kid)
        return keys


def generation_of(keys: KeySet) -> int:
    """How often a set of keys has changed; 0 for one that never does."""
    return keys.generation if isinstance(keys, KeyFile) else 0


def _number(jwk: Mapping[str, Any], name: str) -> int:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise KeyUnusable(f"{name} is missing")
    try:
        data = decode_base64url(value)
    except NotStrict:
        raise KeyUnusable(f"{name} is not base64url") from None
    if len(data) != COORDINATE_BYTES:
        raise KeyUnusable(f"{name} is not {COORDINATE_BYTES} bytes long")
    return int.from_bytes(data, "big")


def _kid(jwk: Mapping[str, Any]) -> str:
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= 256:
        raise KeyUnusable("kid is missing or too long")
    return kid


def _check_use(jwk: Mapping[str, Any], operation: str) -> None:
    """A key that says what it is for must be for `operation`, "sign" or "verify" (RFC 7517 §4.2, §4.3)."""
    if jwk.get("use", "sig") != "sig":
        raise KeyUnusable("the key's use is not sig")
    operations = jwk.get("key_ops", [operation])
    if not isinstance(operations, list) or operation not in operations:
        raise KeyUnusable(f"the key's key_ops do not hold {operation}")


def _public_numbers(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicNumbers:
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or jwk.get("alg", ALGORITHM) != ALGORITHM:
        raise KeyUnusable("only EC keys on P-256 for ES256 are used")
    return ec.EllipticCurvePublicNumbers(_number(jwk, "x"), _number(jwk, "y"), ec.SECP256R1())


def parse_key_set(document: object) -> KeySet:
    """The public keys of a JWK set; `KeyUnusable` if one is private, repeated, no P-256 key, or not for verifying."""
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list) or not keys:
        raise KeyUnusable("a JWK set with at least one key is expected")
    found: dict[str, Key] = {}
    for jwk in keys:
        if not isinstance(jwk, Mapping) or "d" in jwk:
            raise KeyUnusable("a key set holds public keys only")
        kid = _kid(jwk)
        if kid in found:
            raise KeyUnusable("a kid is there twice")
        _check_use(jwk, "verify")
        try:
            found[kid] = CryptographyECKey(_public_numbers(jwk).public_key(), ALGORITHM)
        except KeyUnusable:
            raise
        except ValueError:
            raise KeyUnusable("the point is not on the curve") from None
    return found


def parse_signing_key(document: object) -> SigningKey:
    """The private key of a JWK; `KeyUnusable` if it is none, not for signing, or does not fit its public half."""
    if not isinstance(document, Mapping):
        raise KeyUnusable("a JWK is expected")
    _check_use(document, "sign")
    numbers = ec.EllipticCurvePrivateNumbers(_number(document, "d"), _public_numbers(document))
    try:
        return SigningKey(_kid(document), CryptographyECKey(numbers.private_key(), ALGORITHM))
    except ValueError:
        raise KeyUnusable("the private key does not fit its public half") from None


def _read(path: Path) -> object:
    try:
        return parse_json(path.read_bytes())
    except (OSError, NotStrict):
        raise KeyUnusable(f"{path.name} is not a readable JSON file") from None


def read_key_set(path: Path) -> KeySet:
    """The public keys of a JWK-set file, which follow it."""
    return KeyFile(path)


def read_signing_key(path: Path) -> SigningKey:
    """The private key of a JWK file."""
    return parse_signing_key(_read(path))


def published(keys: KeySet) -> dict[str, list[dict[str, Any]]]:
    """A JWK set of `keys`, for whoever wants to verify."""
    return {"keys": [{**key.to_dict(), "use": "sig", "kid": kid} for kid, key in keys.items()]}


def new_key_pair(kid: str) -> tuple[dict[str, str], dict[str, str]]:
    """A new key as (private JWK, public JWK), for development issuers and tests."""
    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    public = {
        "kty": "EC",
        "crv": "P-256",
        "alg": ALGORITHM,
        "use": "sig",
        "kid": kid,
        "x": encode_base64url(numbers.public_numbers.x.to_bytes(COORDINATE_BYTES, "big")),
        "y": encode_base64url(numbers.public_numbers.y.to_bytes(COORDINATE_BYTES, "big")),
    }
    return public | {"d": encode_base64url(numbers.private_value.to_bytes(COORDINATE_BYTES, "big"))}, public


def key_set_json(public_keys: Iterable[Mapping[str, str]]) -> str:
    """A JWK set of public keys, as the files hold it."""
    return json.dumps({"keys": [dict(key) for key in public_keys]}, indent=2)
