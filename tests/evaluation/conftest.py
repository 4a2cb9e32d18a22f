"""A database of evaluation, its keys, and everybody around it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.evaluation.main import ROUTERS
from shared.security import key_set_json, new_field_keys, new_key_pair, new_key_text
from shared.settings import Settings
from tests.api_client import open_client
from tests.databases import Databases, ServiceDatabase
from tests.evaluation.scenario import Scenario
from tests.keys import CERTIFICATE_KID, service_settings


def make_settings(directory: Path) -> Settings:
    """Settings of the service with new keys, in files of this directory."""
    private, public = new_key_pair(CERTIFICATE_KID)
    return service_settings(
        directory,
        field_key_file=json.dumps(new_field_keys()),
        blind_index_key_file=new_key_text(),
        certificate_key_file=json.dumps(private),
        certificate_jwks_file=key_set_json([public]),
    )


@pytest.fixture(scope="session")
def evaluation_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the service with keys of its own."""
    return make_settings(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def evaluation(databases: Databases, evaluation_settings: Settings) -> AsyncIterator[ServiceDatabase]:
    """An empty database of the evaluation service."""
    async with databases.clone("evaluation", evaluation_settings) as database:
        yield database


@pytest.fixture
async def scenario(evaluation: ServiceDatabase) -> AsyncIterator[Scenario]:
    """Everybody around that database, with the client through which they act."""
    async with open_client(evaluation, ROUTERS) as client:
        yield Scenario(evaluation, client)
