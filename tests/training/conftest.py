"""A database of training, the key of presence codes, and the people around it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.training.main import ROUTERS
from shared.security import key_set_json, new_key_pair, parse_signing_key
from tests.api_client import open_client
from tests.databases import Databases, ServiceDatabase
from tests.keys import service_settings
from tests.training.scenario import Scenario


@pytest.fixture(scope="session")
def presence_jwk() -> tuple[dict[str, str], dict[str, str]]:
    """Voucher's key of presence codes, private and public."""
    return new_key_pair("presence")


@pytest.fixture
async def training(
    databases: Databases, presence_jwk: tuple[dict[str, str], dict[str, str]], tmp_path: Path
) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the training service."""
    settings = service_settings(tmp_path, presence_jwks_file=key_set_json([presence_jwk[1]]))
    async with databases.clone("training", settings) as database:
        yield database


@pytest.fixture
async def scenario(
    training: ServiceDatabase, presence_jwk: tuple[dict[str, str], dict[str, str]]
) -> AsyncIterator[Scenario]:
    """The people and institutions around that database, who act over HTTP."""
    async with open_client(training, ROUTERS) as client:
        yield Scenario(training, client, parse_signing_key(presence_jwk[0]))
