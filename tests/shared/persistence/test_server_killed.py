"""A server that is killed while units of work are under way: each fails as something that may be repeated."""

import asyncio
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.ports import random_free
from deploy.local.postgres import PostgresServer
from shared.persistence import refusal_of
from tests.databases import Databases, ServiceDatabase
from tests.probe import LampAction, build_probe, install

WRITERS = 12
KILLS = 3


@pytest.fixture
def server() -> Iterator[tuple[PostgresServer, Databases]]:
    """A durable server of the test's own."""
    with tempfile.TemporaryDirectory(prefix="skill-voucher-test-") as name:
        Path(name).chmod(0o711)
        password = secrets.token_urlsafe(12)
        made = PostgresServer(Path(name) / "postgres", port=random_free(), password=password)
        made.start()
        databases = Databases(made, password)
        databases.add_service("probe", build_probe)
        yield made, databases
        made.stop()
        made.remove()


async def write(database: ServiceDatabase, mine: int, ended: asyncio.Event) -> list[BaseException]:
    """Write until asked to end; the failures that were not refusals to be repeated."""
    unforeseen: list[BaseException] = []
    number = 0
    while not ended.is_set():
        number += 1
        try:
            async with database.api.unit_of_work() as uow:
                (lamp,) = await install(uow, f"{mine} {number}")
                uow.move(lamp, LampAction.SWITCH_ON)
        except Exception as error:  # noqa: BLE001  # which errors there are is the question
            refusal = refusal_of(error)
            if refusal is None or not refusal.transient:
                unforeseen.append(error)
            await asyncio.sleep(0.02)
    return unforeseen


async def test_whatever_a_killed_server_breaks_may_be_repeated(server: tuple[PostgresServer, Databases]) -> None:
    postgres, databases = server
    async with databases.clone("probe") as database:
        ended = asyncio.Event()
        writers = [asyncio.create_task(write(database, mine, ended)) for mine in range(WRITERS)]
        for _ in range(KILLS):
            await asyncio.sleep(0.7)
            await asyncio.to_thread(postgres.kill)
            await asyncio.to_thread(postgres.start)
        await asyncio.sleep(0.3)
        ended.set()
        assert [lamp for written in await asyncio.gather(*writers) for lamp in written] == []
