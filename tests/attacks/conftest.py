"""What the attacks are made on: payout's database with the people and services around it."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.keys import Keys, Signing
from shared.security import read_signing_key
from tests.databases import Databases, ServiceDatabase
from tests.keys import service_settings
from tests.payout.scenario import Scenario


@pytest.fixture
async def payout(databases: Databases, keys: Keys) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the payout service."""
    async with databases.clone("payout", service_settings(keys, "payout")) as database:
        yield database


@pytest.fixture
def scenario(payout: ServiceDatabase, keys: Keys) -> Scenario:
    """The people and the other services around that database."""
    return Scenario(payout, read_signing_key(keys.private(Signing.CERTIFICATES)))
