"""A database of audit, something to tell it, and a door to its HTTP interface."""

from collections.abc import AsyncIterator

import pytest

from tests.audit.door import Door, open_door
from tests.audit.telling import Teller
from tests.databases import Databases, ServiceDatabase


@pytest.fixture
async def audit(databases: Databases) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the audit service."""
    async with databases.clone("audit") as database:
        yield database


@pytest.fixture
def teller() -> Teller:
    """Somebody who tells events."""
    return Teller()


@pytest.fixture
async def door(audit: ServiceDatabase) -> AsyncIterator[Door]:
    """The HTTP interface over that database, as the API's role."""
    async with open_door(audit) as opened:
        yield opened
