"""A database of audit, a publisher of what it consumes, and a client of its HTTP interface."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.keys import Keys
from services.audit.main import ROUTERS
from tests.api_client import ApiClient, open_client
from tests.audit.publisher import Publisher
from tests.databases import Databases, ServiceDatabase
from tests.keys import service_settings


@pytest.fixture
async def audit(databases: Databases, keys: Keys) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the audit service."""
    async with databases.clone("audit", service_settings(keys, "audit")) as database:
        yield database


@pytest.fixture
def publisher() -> Publisher:
    """The other services."""
    return Publisher()


@pytest.fixture
async def client(audit: ServiceDatabase) -> AsyncIterator[ApiClient]:
    """The HTTP interface over that database."""
    async with open_client(audit, ROUTERS) as opened:
        yield opened
