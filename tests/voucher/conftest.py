"""A database of voucher, keys of its own, and the people that tests speak of."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import Databases, ServiceDatabase
from tests.voucher.api_client import ApiClient, open_client
from tests.voucher.keys import Keys
from tests.voucher.scenario import Scenario


@pytest.fixture(scope="session")
def voucher_keys() -> Keys:
    """The keys of the service, and their other halves."""
    return Keys.make()


@pytest.fixture
async def voucher(databases: Databases, voucher_keys: Keys, tmp_path: Path) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the voucher service."""
    async with databases.clone("voucher", voucher_keys.settings(tmp_path)) as database:
        yield database


@pytest.fixture
def scenario(voucher: ServiceDatabase, voucher_keys: Keys) -> Scenario:
    """The people around that database."""
    return Scenario(voucher, voucher_keys)


@pytest.fixture
async def client(voucher: ServiceDatabase) -> AsyncIterator[ApiClient]:
    """The HTTP interface over that database."""
    async with open_client(voucher) as opened:
        yield opened
