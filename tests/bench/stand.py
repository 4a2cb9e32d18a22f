"""What the benches stand on: a real PostgreSQL with fsync on and a real Kafka, and the way in which they report."""

import contextlib
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from deploy.local.kafka import KafkaNode
from deploy.local.ports import random_free
from deploy.local.postgres import PostgresServer
from shared.contracts.envelope import Event
from shared.messaging.records import Record
from shared.persistence.unit_of_work import partition_of
from tests.bench.figures import conclude, console
from tests.brokers import new_node
from tests.databases import Databases
from tests.keys import record_of
from tests.probe import build_probe


@dataclass(frozen=True)
class Stand:
    """Servers for one bench."""

    databases: Databases
    kafka: KafkaNode


@contextlib.contextmanager
def database_stand() -> Iterator[Databases]:
    """Start PostgreSQL, stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="skill-voucher-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        password = secrets.token_urlsafe(16)
        postgres = PostgresServer(directory / "postgres", port=random_free(), password=password, durable=True)
        postgres.start()
        try:
            databases = Databases(postgres, password)
            databases.add_service("probe", build_probe)
            yield databases
        finally:
            postgres.stop()
            postgres.remove()


@contextlib.asynccontextmanager
async def stand() -> AsyncIterator[Stand]:
    """Start both servers, stop them at the end."""
    with database_stand() as databases, tempfile.TemporaryDirectory(prefix="skill-voucher-bench-") as name:
        kafka = new_node(Path(name))
        kafka.start()
        try:
            yield Stand(databases, kafka)
        finally:
            kafka.stop()


def in_topics(events: Iterable[Event], places: Counter[tuple[str, int]] | None = None) -> list[Record]:
    """Events as their topics hold them, without a gap; `places` are the next in each partition, and go on."""
    places = Counter() if places is None else places
    records = []
    for event in events:
        partition = event.service, partition_of(event.id)
        records.append(record_of(event, places[partition]))
        places[partition] += 1
    return records


@dataclass
class Stopwatch:
    """Seconds between the start and the end of a block."""

    seconds: float = 0.0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Measure the block."""
        started = time.perf_counter()
        yield
        self.seconds = time.perf_counter() - started


def report(title: str, rows: dict[str, float], unit: str, *, ours: str, limit: str) -> None:
    """Print figures and the ratio of ours to the limit that was measured in the same run."""
    table = Table("what", unit, "of the limit", title=title)
    for what, figure in rows.items():
        table.add_row(what, f"{figure:,.1f}", f"{figure / rows[limit]:.2f}")
    console.print(table)
    conclude(f"{ours}: {rows[ours]:,.0f} {unit}, {rows[ours] / rows[limit]:.2f} of {rows[limit]:,.0f} ({limit})")
