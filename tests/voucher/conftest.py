"""A database of voucher, and the people that tests speak of."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.keys import Keys
from services.voucher.main import ROUTERS
from tests.api_client import ApiClient, open_client
from tests.databases import Databases, ServiceDatabase
from tests.keys import service_settings
from tests.voucher.scenario import Scenario


@pytest.fixture
async def voucher(databases: Databases, keys: Keys) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the voucher service."""
    async with databases.clone("voucher", service_settings(keys, "voucher")) as database:
        yield database


@pytest.fixture
def scenario(voucher: ServiceDatabase, keys: Keys) -> Scenario:
    """The people around that database."""
    return Scenario(voucher, keys)


@pytest.fixture
async def client(voucher: ServiceDatabase) -> AsyncIterator[ApiClient]:
    """The HTTP interface over that database."""
    async with open_client(voucher, ROUTERS) as opened:
        yield opened
