"""What every test may have: a real PostgreSQL, and databases built by the migrations."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from deploy.local.kafka import KafkaNode
from deploy.local.keys import Keys
from deploy.local.ports import random_free
from deploy.local.postgres import PostgresServer
from tests.brokers import new_node
from tests.databases import Databases, ServiceDatabase
from tests.examples import Recorder
from tests.keys import all_keys
from tests.probe import build_probe

hypothesis.settings.register_profile("untimed", deadline=None)  # a slow machine is no fault of what is tested
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make examples` writes what the examples' tests otherwise compare with."""
    parser.addoption("--write-examples", action="store_true", help="write services/*/examples.json")


@pytest.fixture
def record_examples(request: pytest.FixtureRequest) -> Callable[..., Recorder]:
    """A recorder of a service's examples; keywords give fields whose values differ from run to run a fixed one."""
    write: bool = request.config.getoption("--write-examples")

    def make(service: str, **fixed: Any) -> Recorder:
        return Recorder(service, write=write, fixed=fixed)

    return make


@pytest.fixture(scope="session")
def keys() -> Keys:
    """The keys of all services."""
    return all_keys()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """This test process's own PostgreSQL server."""
    password = secrets.token_urlsafe(16)
    directory: Path = tmp_path_factory.mktemp("postgres")
    server = PostgresServer(directory, port=random_free(), password=password, durable=False)
    server.start()
    try:
        made = Databases(server, password)
        made.add_service("probe", build_probe)
        yield made
    finally:
        server.stop()
        server.remove()


@pytest.fixture
async def probe(databases: Databases) -> AsyncIterator[ServiceDatabase]:
    """A database with the plumbing and one small aggregate, for tests of what all services share."""
    async with databases.clone("probe") as database:
        yield database


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """This test process's own Apache Kafka. Tests that use it are grouped, so that only one process starts one."""
    directory: Path = tmp_path_factory.mktemp("kafka")
    node = new_node(directory)
    node.start()
    try:
        yield node
    finally:
        node.stop()
