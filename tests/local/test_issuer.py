"""The development issuer: tokens that the services accept, and no others."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.issuer import issuer_command
from deploy.local.keys import Keys, Signing, ensure_keys
from deploy.local.ports import LOOPBACK, random_free
from deploy.local.probes import http_ready
from deploy.local.processes import Daemon
from shared.kernel.credit_code import make_credit_code
from shared.security import Role, TokenInvalid, TokenVerifier, parse_key_set, read_key_set

PROJECT = Path(__file__).resolve().parents[2]
ISSUER = "http://issuer.test"
START_SECONDS = 30.0


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return ensure_keys(tmp_path / "keys", services=(), encrypting=())


@pytest.fixture
async def client(tmp_path: Path, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    port = random_free()
    command = issuer_command(
        project=PROJECT, port=port, issuer=ISSUER, keys=keys, profile="test", log_file=tmp_path / "issuer.log"
    )
    process = Daemon(command, http_ready(port))
    process.start(START_SECONDS)
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", trust_env=False) as client:
        yield client
    process.stop()


def _claims() -> dict[Role, dict[str, Any]]:
    """What a token of each role has to name."""
    person, code = str(uuid4()), make_credit_code("410402", 1)
    return {
        Role.WORKER: {"person": person},
        Role.PORTAL: {},
        Role.INSTITUTION: {"institution": code},
        Role.BODY: {"institution": code, "person": person},
        Role.OFFICER: {"person": person, "areas": ["410402"]},
        Role.FINANCE: {"person": person},
        Role.AUDITOR: {"areas": ["410400"]},
        Role.OPERATOR: {},
    }


async def test_a_token_of_every_role_is_what_the_services_ask_for(client: httpx.AsyncClient, keys: Keys) -> None:
    verifier = TokenVerifier(read_key_set(keys.public(Signing.TOKENS)), ISSUER)
    for role, claims in _claims().items():
        answer = await client.post("/token", json={"sub": f"{role}-1", "role": role, **claims})
        assert answer.status_code == 200
        principal = verifier.principal_of(answer.json()["access_token"])
        assert (principal.account, principal.role) == (f"{role}-1", role)
        assert (str(principal.person_id) if principal.person_id else None) == claims.get("person")
        assert principal.institution == claims.get("institution")
        assert principal.areas == frozenset(claims.get("areas", []))


async def test_the_published_keys_are_the_pinned_ones(client: httpx.AsyncClient, keys: Keys) -> None:
    published = parse_key_set((await client.get("/.well-known/jwks.json")).json())
    assert set(published) == set(read_key_set(keys.public(Signing.TOKENS)))


async def test_a_token_lives_as_long_as_it_was_asked_for(client: httpx.AsyncClient, keys: Keys) -> None:
    answer = await client.post("/token", json={"sub": "portal", "role": "portal", "ttl_s": 1})
    assert answer.json()["expires_in"] == 1
    await asyncio.sleep(1.1)
    with pytest.raises(TokenInvalid):
        TokenVerifier(read_key_set(keys.public(Signing.TOKENS)), ISSUER).principal_of(answer.json()["access_token"])


UNACCEPTABLE: list[dict[str, Any]] = [
    {},
    {"sub": "x", "role": "king"},
    {"sub": "", "role": "portal"},
    {"sub": "x", "role": "worker"},
    {"sub": "x", "role": "officer", "person": str(uuid4())},
    {"sub": "x", "role": "institution", "institution": "123"},
    {"sub": "x", "role": "portal", "ttl_s": 0},
    {"sub": "x", "role": "portal", "iss": "somebody"},
]


async def test_claims_that_no_service_accepts_are_refused(client: httpx.AsyncClient) -> None:
    for wanted in UNACCEPTABLE:
        refused = await client.post("/token", json=wanted)
        assert (refused.status_code, refused.json()) == (422, {"code": "claims_invalid"}), wanted


@pytest.mark.parametrize("profile", [None, "production"])
def test_in_production_it_does_not_start(keys: Keys, profile: str | None) -> None:
    environment = {"PATH": os.defpath} | ({} if profile is None else {"SKILL_VOUCHER_PROFILE": profile})
    command = issuer_command(
        project=PROJECT, port=random_free(), issuer=ISSUER, keys=keys, profile="local", log_file=Path(os.devnull)
    )
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *command.argv[1:]], cwd=PROJECT, env=environment, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert b"local or test" in ended.stderr
