"""A database of training, the key of presence codes, and the town around it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared import settings
from shared.security import SigningKey, key_set_json, keyring, new_key_pair, parse_signing_key
from tests.databases import Databases, ServiceDatabase
from tests.training.door import open_door
from tests.training.town import Town


@pytest.fixture(scope="session")
def presence_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningKey]:
    """Voucher's key of presence codes; its public half is named by the environment, as a process has it."""
    private, public = new_key_pair("presence")
    path: Path = tmp_path_factory.mktemp("keys") / "presence.json"
    path.write_text(key_set_json([public]))
    caches = (settings.current_settings, keyring.presence_keys)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SKILL_VOUCHER_PRESENCE_JWKS_FILE", str(path))
        environment.setenv("SKILL_VOUCHER_PROFILE", "test")
        for cache in caches:
            cache.cache_clear()
        yield parse_signing_key(private)
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
async def training(databases: Databases) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the training service."""
    async with databases.clone("training") as database:
        yield database


@pytest.fixture
async def town(training: ServiceDatabase, presence_key: SigningKey) -> AsyncIterator[Town]:
    """The people and institutions around that database, and the door through which they act."""
    async with open_door(training) as door:
        yield Town(training, door, presence_key)
