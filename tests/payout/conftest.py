"""A database of payout, everybody around it, and a real bank process."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deploy.local.bank import bank_command
from deploy.local.keys import Keys, Signing
from deploy.local.ports import LOOPBACK, random_free
from services.payout.main import ROUTERS
from shared.security import read_signing_key
from tests.api_client import ApiClient, open_client
from tests.databases import Databases, ServiceDatabase
from tests.keys import service_settings
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import Scenario

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def payout(databases: Databases, keys: Keys) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the payout service."""
    async with databases.clone("payout", service_settings(keys, "payout")) as database:
        yield database


@pytest.fixture
def scenario(payout: ServiceDatabase, keys: Keys) -> Scenario:
    """The people and the other services around that database."""
    return Scenario(payout, read_signing_key(keys.private(Signing.CERTIFICATES)))


@pytest.fixture
async def client(payout: ServiceDatabase) -> AsyncIterator[ApiClient]:
    """Payout's HTTP interface, on the API's role."""
    async with open_client(payout, ROUTERS) as opened:
        yield opened


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
