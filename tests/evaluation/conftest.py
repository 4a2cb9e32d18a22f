"""A database of evaluation, its keys, and everybody around it."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.evaluation.main import ROUTERS
from shared import settings
from shared.security import fields, key_set_json, keyring, new_field_keys, new_key_pair, new_key_text
from tests.api_client import open_client
from tests.databases import Databases, ServiceDatabase
from tests.evaluation.scenario import Scenario


@pytest.fixture(scope="session")
def evaluation_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Key files named by the environment, as a process of the service has them."""
    directory: Path = tmp_path_factory.mktemp("keys")
    caches = (
        settings.current_settings,
        fields.field_cipher,
        keyring.certificate_keys,
        keyring.certificate_signing_key,
    )
    private, public = new_key_pair("certificates")
    files = {
        "FIELD_KEY_FILE": json.dumps(new_field_keys()),
        "BLIND_INDEX_KEY_FILE": new_key_text(),
        "CERTIFICATE_KEY_FILE": json.dumps(private),
        "CERTIFICATE_JWKS_FILE": key_set_json([public]),
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, content in files.items():
            (directory / name).write_text(content)
            environment.setenv(f"SKILL_VOUCHER_{name}", str(directory / name))
        environment.setenv("SKILL_VOUCHER_PROFILE", "test")
        for cache in caches:
            cache.cache_clear()
        yield
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
async def evaluation(databases: Databases, evaluation_keys: None) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the evaluation service."""
    async with databases.clone("evaluation") as database:
        yield database


@pytest.fixture
async def scenario(evaluation: ServiceDatabase) -> AsyncIterator[Scenario]:
    """Everybody around that database, with the client through which they act."""
    async with open_client(evaluation, ROUTERS) as client:
        yield Scenario(evaluation, client)
