"""Keys of a development issuer, and tokens that it signs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from shared.security import KeySet, SigningKey, new_key_pair, parse_key_set, parse_signing_key
from tests.keys import CERTIFICATE_KID

ISSUER = "https://issuer.test"
PERSON = "0193a1b0-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Issuer:
    """One issuer's key, both halves."""

    private_jwk: Mapping[str, str]
    public_jwk: Mapping[str, str]
    key: SigningKey
    keys: KeySet


def make_issuer(kid: str = "issuer-1") -> Issuer:
    """A new issuer."""
    private, public = new_key_pair(kid)
    return Issuer(private, public, parse_signing_key(private), parse_key_set({"keys": [public]}))


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """The issuer whose key is pinned."""
    return make_issuer()


@pytest.fixture(scope="session")
def certifier() -> Issuer:
    """Evaluation, whose key has a URL for a name."""
    return make_issuer(CERTIFICATE_KID)


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims of a worker, with changes; a claim changed to `...` is left out."""
    now_s = int(time.time())
    good = {
        "iss": ISSUER,
        "sub": "account-1",
        "aud": "skill-voucher",
        "exp": now_s + 300,
        "iat": now_s,
        "jti": "token-1",
        "role": "worker",
        "person": PERSON,
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


Sign = Callable[..., str]
