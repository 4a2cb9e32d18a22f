"""A database of voucher, keys of its own, and the people that tests speak of."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared import settings
from shared.security import fields, keyring, new_field_keys, new_key_text
from tests.databases import Databases, ServiceDatabase
from tests.voucher.door import Door, open_door
from tests.voucher.keys import Keys
from tests.voucher.town import Town


@pytest.fixture(scope="session")
def voucher_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    """Key files named by the environment, as a process of the service has them."""
    directory: Path = tmp_path_factory.mktemp("keys")
    caches = (settings.current_settings, fields.field_cipher, keyring.certificate_keys, keyring.presence_signing_key)
    keys = Keys.make()
    files = {
        "FIELD_KEY_FILE": json.dumps(new_field_keys()),
        "BLIND_INDEX_KEY_FILE": new_key_text(),
        "CERTIFICATE_JWKS_FILE": keys.certificate_jwks,
        "PRESENCE_KEY_FILE": keys.presence_private,
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, content in files.items():
            (directory / name).write_text(content)
            environment.setenv(f"SKILL_VOUCHER_{name}", str(directory / name))
        environment.setenv("SKILL_VOUCHER_PROFILE", "test")
        for cache in caches:
            cache.cache_clear()
        yield keys
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
async def voucher(databases: Databases, voucher_keys: Keys) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the voucher service."""
    async with databases.clone("voucher") as database:
        yield database


@pytest.fixture
def town(voucher: ServiceDatabase, voucher_keys: Keys) -> Town:
    """The people around that database."""
    return Town(voucher, voucher_keys)


@pytest.fixture
async def door(voucher: ServiceDatabase) -> AsyncIterator[Door]:
    """The HTTP interface over that database."""
    async with open_door(voucher) as opened:
        yield opened
