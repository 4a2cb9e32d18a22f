"""A database of training, and the people around it."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.keys import Keys, Signing
from services.training.main import ROUTERS
from shared.security import read_signing_key
from tests.api_client import open_client
from tests.databases import Databases, ServiceDatabase
from tests.keys import service_settings
from tests.training.scenario import Scenario


@pytest.fixture
async def training(databases: Databases, keys: Keys) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the training service."""
    async with databases.clone("training", service_settings(keys, "training")) as database:
        yield database


@pytest.fixture
async def scenario(training: ServiceDatabase, keys: Keys) -> AsyncIterator[Scenario]:
    """The people and institutions around that database, who act over HTTP."""
    async with open_client(training, ROUTERS) as client:
        yield Scenario(training, client, read_signing_key(keys.private(Signing.PRESENCE)))
