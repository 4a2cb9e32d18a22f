"""How a run that is up is doing: its processes, and what waits in each service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from aiokafka import TopicPartition
from rich.console import Console
from rich.table import Table

from deploy.local.clock import KafkaView, not_received
from deploy.local.environment import SERVICES, LocalEnvironment, Process
from deploy.local.errors import LocalRunError
from deploy.local.kafka_settings import OBSERVER
from deploy.local.memory import memory_bytes
from deploy.local.messages import program
from deploy.local.ports import LOOPBACK
from deploy.local.processes import ProcessIdentity
from deploy.local.system import probe

CONNECT_LIMIT_S = 5.0

_BYTES_A_MIB = 1024 * 1024
_WAITING = """
    SELECT (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM parked_events) AS parked
"""
_PARKED = "SELECT min(id) AS first FROM parked_events GROUP BY consumer, aggregate_type, aggregate_id ORDER BY first"


@dataclass(frozen=True)
class ProcessStatus:
    """One process of the run; ``memory_bytes`` includes its children."""

    name: str
    pid: int
    ready: bool
    memory_bytes: int


@dataclass(frozen=True)
class ServiceStatus:
    """What waits in one service: events not yet sent, not yet received, and parked."""

    service: str
    outbox: int
    not_received: int
    parked: int


def running_processes(run_directory: Path) -> dict[str, int]:
    """The process ids of what runs now, by name, as the supervisor has written them down."""
    found: dict[str, int] = {}
    for path in sorted(run_directory.glob("*.json")):
        try:
            process = ProcessIdentity(**json.loads(path.read_text())["process"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # it ended, or is being written, just now
        if process.alive():
            found[path.stem] = process.pid
    return found


async def processes(environment: LocalEnvironment) -> list[ProcessStatus]:
    """Every process that runs, asked whether it is ready."""
    pids = running_processes(environment.run_directory)
    taken = memory_bytes(pids)
    ready = await asyncio.gather(*(asyncio.to_thread(probe(environment, name)) for name in pids))
    return [
        ProcessStatus(name, pid, answer, taken[name]) for (name, pid), answer in zip(pids.items(), ready, strict=True)
    ]


async def services(environment: LocalEnvironment) -> list[ServiceStatus]:
    """What waits in each service; LocalRunError if PostgreSQL or Kafka does not answer."""
    try:
        async with KafkaView.open(environment.broker_access(OBSERVER)) as kafka:
            ends = await kafka.ends()
        return [await _service(environment, service, ends) for service in SERVICES]
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise LocalRunError(f"the run cannot be asked: {error or type(error).__name__}") from error


async def parked_numbers(environment: LocalEnvironment, service: str) -> list[int]:
    """The oldest parked event of each aggregate that has some, oldest first."""
    connection = await _connect(environment, service)
    try:
        return [row["first"] for row in await connection.fetch(_PARKED)]
    finally:
        await connection.close()


def show(
    console: Console,
    environment: LocalEnvironment,
    running: Sequence[ProcessStatus],
    waiting: Sequence[ServiceStatus],
) -> bool:
    """Print both as tables, and in a sentence whether all is well; False if it is not."""
    table = Table("process", "address", "pid", "ready", "MiB")
    for process in running:
        ready = "[green]yes[/]" if process.ready else "[red]no[/]"
        address = f"{LOOPBACK}:{environment.ports[process.name]}"
        table.add_row(process.name, address, str(process.pid), ready, f"{process.memory_bytes / _BYTES_A_MIB:.0f}")
    console.print(table)
    table = Table("service", "not sent yet", "not received yet", "parked", title="Events that wait")
    for row in waiting:
        parked = f"[red]{row.parked}[/]" if row.parked else "0"
        table.add_row(row.service, str(row.outbox), str(row.not_received), parked)
    console.print(table)
    not_ready = [process.name for process in running if not process.ready]
    parked_in = [row.service for row in waiting if row.parked]
    if not_ready:
        console.print(f"Not ready: {', '.join(not_ready)}.", style="red")
    for service in parked_in:
        command = f"`{program(environment.root)} parked list {service}`"
        console.print(f"Events of {service} could not be applied: {command}", style="red", soft_wrap=True)
    if not_ready or parked_in:
        return False
    moving = sum(row.outbox + row.not_received for row in waiting)
    console.print(f"All is well: {len(running)} processes are ready, {moving or 'no'} events are on their way.")
    return True


async def _service(environment: LocalEnvironment, service: str, ends: Mapping[TopicPartition, int]) -> ServiceStatus:
    connection = await _connect(environment, service)
    try:
        row = await connection.fetchrow(_WAITING)
        return ServiceStatus(service, row["outbox"], await not_received(connection, service, ends), row["parked"])
    finally:
        await connection.close()


async def _connect(environment: LocalEnvironment, service: str) -> asyncpg.Connection:
    url = environment.database_url(service, Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
    return await asyncpg.connect(url, ssl=False, timeout=CONNECT_LIMIT_S)
