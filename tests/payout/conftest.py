"""A database of payout, keys of its own, the city around it, and a real bank process."""

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.bank import bank_command
from deploy.local.ports import LOOPBACK, random_free
from shared import settings
from shared.security import (
    SigningKey,
    fields,
    key_set_json,
    keyring,
    new_field_keys,
    new_key_pair,
    new_key_text,
    parse_signing_key,
)
from tests.databases import Databases, ServiceDatabase
from tests.payout.api_client import ApiClient, open_client
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import Scenario

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="package")
def certificate_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningKey]:
    """Key files named by the environment, as a process of the service has them; evaluation's private half."""
    directory: Path = tmp_path_factory.mktemp("keys")
    caches = (settings.current_settings, fields.field_cipher, keyring.certificate_keys)
    private, public = new_key_pair("certificates")
    files = {
        "FIELD_KEY_FILE": json.dumps(new_field_keys()),
        "BLIND_INDEX_KEY_FILE": new_key_text(),
        "CERTIFICATE_JWKS_FILE": key_set_json([public]),
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, content in files.items():
            (directory / name).write_text(content)
            environment.setenv(f"SKILL_VOUCHER_{name}", str(directory / name))
        environment.setenv("SKILL_VOUCHER_PROFILE", "test")
        for cache in caches:
            cache.cache_clear()
        yield parse_signing_key(private)
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
async def payout(databases: Databases, certificate_key: SigningKey) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the payout service."""
    async with databases.clone("payout") as database:
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
