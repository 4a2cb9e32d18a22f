"""A database of payout, keys of its own, the city around it, and a real bank process."""

import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deploy.local.bank import bank_command
from deploy.local.ports import LOOPBACK, random_free
from shared.security import (
    SigningKey,
    key_set_json,
    new_field_keys,
    new_key_pair,
    new_key_text,
    parse_signing_key,
)
from shared.settings import Settings
from tests.databases import Databases, ServiceDatabase
from tests.keys import CERTIFICATE_KID, service_settings
from tests.payout.api_client import ApiClient, open_client
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import Scenario

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def certificate_jwk() -> tuple[dict[str, str], dict[str, str]]:
    """Evaluation's key of certificates, private and public."""
    return new_key_pair(CERTIFICATE_KID)


@pytest.fixture(scope="session")
def certificate_key(certificate_jwk: tuple[dict[str, str], dict[str, str]]) -> SigningKey:
    """Evaluation's private half."""
    return parse_signing_key(certificate_jwk[0])


@pytest.fixture(scope="session")
def payout_settings(
    certificate_jwk: tuple[dict[str, str], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings of the service with keys of its own."""
    return service_settings(
        tmp_path_factory.mktemp("keys"),
        field_key_file=json.dumps(new_field_keys()),
        blind_index_key_file=new_key_text(),
        certificate_jwks_file=key_set_json([certificate_jwk[1]]),
    )


@pytest.fixture
async def payout(databases: Databases, payout_settings: Settings) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the payout service."""
    async with databases.clone("payout", payout_settings) as database:
        yield database


@pytest.fixture
def scenario(payout: ServiceDatabase, certificate_key: SigningKey) -> Scenario:
    """The people and the other services around that database."""
    return Scenario(payout, certificate_key)


@pytest.fixture
async def client(scenario: Scenario) -> AsyncIterator[ApiClient]:
    """Payout's HTTP interface, on the API's role."""
    async with open_client(scenario.database.api) as client:
        yield client


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[SandboxBank]:
    """A real bank, a process of its own with its own book."""
    port = random_free()
    command = bank_command(
        project=PROJECT, port=port, book=tmp_path / "book.sqlite", log_file=tmp_path / "bank.log",
        options=("--settle-ms", "0"),
    )  # fmt: skip
    process = subprocess.Popen(command.argv, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603, ASYNC220  # our own bank, for one test
    limits = httpx.Timeout(0.6, connect=0.3)
    try:
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=limits, trust_env=False) as client:
            sandbox_bank = SandboxBank(client, process)
            await sandbox_bank.wait_until_open()
            yield sandbox_bank
    finally:
        process.kill()
        process.wait()
