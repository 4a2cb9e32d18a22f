"""A database of evaluation, and everybody around it."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.keys import Keys
from services.evaluation.main import ROUTERS
from tests.api_client import open_client
from tests.databases import Databases, ServiceDatabase
from tests.evaluation.scenario import Scenario
from tests.keys import service_settings


@pytest.fixture
async def evaluation(databases: Databases, keys: Keys) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the evaluation service."""
    async with databases.clone("evaluation", service_settings(keys, "evaluation")) as database:
        yield database


@pytest.fixture
async def scenario(evaluation: ServiceDatabase) -> AsyncIterator[Scenario]:
    """Everybody around that database, with the client through which they act."""
    async with open_client(evaluation, ROUTERS) as client:
        yield Scenario(evaluation, client)
