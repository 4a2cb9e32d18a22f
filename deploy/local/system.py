"""The whole system on one machine, under one supervisor: servers, outsiders, every API and worker process."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from deploy.local.bank import bank_command
from deploy.local.databases import ensure_databases
from deploy.local.environment import SERVICES, LocalEnvironment, Process
from deploy.local.errors import LocalRunError
from deploy.local.files import write_json
from deploy.local.issuer import issuer_command
from deploy.local.kafka import KafkaNode
from deploy.local.kafka_jars import fetch_jars
from deploy.local.kafka_settings import ADMIN
from deploy.local.ports import is_free
from deploy.local.postgres import PostgresServer
from deploy.local.probes import http_ready
from deploy.local.processes import Command, ProcessIdentity, run_to_end
from deploy.local.stages import Stages
from deploy.local.supervisor import Child, ChildEvent, Happening, Supervisor
from deploy.local.topics import set_up_topics

KAFKA_READY_S = 90.0
MIGRATION_LIMIT_S = 180.0

Answer = TypeVar("Answer")


class LocalSystem:
    """A run of everything from one state directory.

    Its work is done inside ``run``, from the main thread: ``await system.run(work)``, where ``work`` begins with
    ``await system.start()``.
    """

    def __init__(
        self,
        project: Path,
        root: Path,
        *,
        stages: Stages,
        services: Sequence[str] = SERVICES,
        workers: int = 1,
        profile: str = "local",
        notify: Callable[[ChildEvent], None] | None = None,
    ) -> None:
        """``project`` is where the code is, ``root`` the state directory, ``workers`` a service's worker processes.

        ``stages`` shows the start, ``notify`` is called with what happens to the processes, ``services`` are to be run.
        """
        self._project = project
        self._root = root.absolute()
        self._stages = stages
        self._workers = workers
        self._profile = profile
        self._notify = notify or (lambda event: None)
        self._services = tuple(services)
        self._ready: set[str] = set()
        self._count_ready: Callable[[], None] = lambda: None
        self._environment: LocalEnvironment | None = None
        self.supervisor = Supervisor(self._root / "run", notify=self._on_event)

    @property
    def environment(self) -> LocalEnvironment:
        """The settings of the processes; known inside ``run``."""
        if self._environment is None:
            raise LocalRunError("the system does not run")
        return self._environment

    async def run(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do ``work`` as the one run of the state directory, then stop everything; True unless a signal ended it.

        Raises AlreadyRunning if there is a run of this directory, and whatever the work raises.
        """

        async def inside() -> None:
            self._environment = LocalEnvironment.prepare(
                self._project, self._root, workers=self._workers, profile=self._profile
            )
            _write_self(self._root)
            await work()

        return await self.supervisor.run(inside)

    async def start(self) -> None:
        """Start everything and wait until all of it is ready; raises LocalRunError, its message for people."""
        await together(self._start_kafka(), self.start_databases(), self._start_outsiders())
        await self._start_services()

    async def start_databases(self) -> None:
        """Start PostgreSQL alone, with the databases of all services, and migrate those of the services to be run."""
        environment = self.environment
        with self._stages.stage("PostgreSQL"):
            postgres = PostgresServer(
                environment.root / "postgres",
                port=environment.ports["postgres"],
                password=environment.passwords["postgres"],
                log_file=environment.log_file("postgres"),
            )
            await in_thread(postgres.prepare)
            await self.supervisor.start(Child(postgres.command(), postgres.ready, before_start=postgres.prepare))
            await ensure_databases(postgres.superuser_dsn, environment.role_passwords())
        await migrate(environment, self._services, self._stages)

    async def _start_kafka(self) -> None:
        environment = self.environment
        with self._stages.stage("Kafka's archives") as advance:
            stop = threading.Event()
            jars = await in_thread(lambda: fetch_jars(progress=advance, stop=stop), give_up=stop.set)
        with self._stages.stage("Kafka"):
            kafka = KafkaNode(
                environment.root / "kafka",
                port=environment.ports["kafka"],
                controller_port=environment.ports["kafka-controller"],
                jars=jars,
                passwords=environment.passwords,
                log_file=environment.log_file("kafka"),
            )
            await self.supervisor.start(Child(kafka.command(), kafka.ready, KAFKA_READY_S, before_start=kafka.prepare))
            await set_up_topics(kafka.access(ADMIN))

    async def _start_outsiders(self) -> None:
        environment = self.environment
        bank = bank_command(
            project=environment.project,
            port=environment.ports["bank"],
            book=environment.root / "bank" / "book.sqlite",
            log_file=environment.log_file("bank"),
        )
        issuer = issuer_command(
            project=environment.project,
            port=environment.ports["issuer"],
            issuer=environment.issuer_url,
            keys=environment.keys,
            profile=environment.profile,
            log_file=environment.log_file("issuer"),
        )
        with self._stages.stage("bank and token issuer"):
            await self.supervisor.start(
                *(Child(command, probe(environment, command.name)) for command in (bank, issuer))
            )

    async def _start_services(self) -> None:
        environment = self.environment
        commands = [environment.command(service, Process.API) for service in self._services]
        commands += [
            self.worker_command(service, ordinal) for service in self._services for ordinal in range(self._workers)
        ]
        names = {command.name for command in commands}
        with self._stages.stage("services") as advance:
            self._count_ready = lambda: advance(len(names & self._ready), len(names))
            await self.supervisor.start(*(Child(command, probe(environment, command.name)) for command in commands))

    def worker_command(self, service: str, ordinal: int) -> Command:
        """A worker process of a service; ordinals count from 0."""
        return self.environment.command(service, Process.WORKER, ordinal)

    def _on_event(self, event: ChildEvent) -> None:
        if event.happening is Happening.READY:
            self._ready.add(event.name)
            self._count_ready()
        self._notify(event)


async def migrate(environment: LocalEnvironment, services: Sequence[str], stages: Stages) -> None:
    """Migrate the databases of ``services`` side by side, as their owners; PostgreSQL is up.

    Raises StartFailed with the end of its log if one fails.
    """
    done = 0
    with stages.stage("migrations") as advance:

        async def migrate_service(service: str) -> None:
            nonlocal done
            command = environment.command(service, Process.MIGRATE)
            await in_thread(lambda: run_to_end(command, timeout_seconds=MIGRATION_LIMIT_S))
            done += 1
            advance(done, len(services))

        await together(*map(migrate_service, services))


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Do works side by side; the first failure ends the others and is raised itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def in_thread(work: Callable[[], Answer], *, give_up: Callable[[], None] | None = None) -> Answer:
    """Do blocking work in a thread. Cancelled, it calls ``give_up`` and still waits, so that nothing goes on unseen."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        if give_up is not None:
            give_up()
        await asyncio.wait({doing})
        doing.exception()  # nobody asks any more
        raise


def probe(environment: LocalEnvironment, name: str) -> Callable[[], bool]:
    """Asks whether the process ``name`` is ready; of the two servers, whether somebody listens on their port."""
    port = environment.ports[name]
    if name in {"postgres", "kafka"}:
        return lambda: not is_free(port)
    return http_ready(port, "/livez" if "-worker-" in name else "/readyz")


def running(root: Path) -> ProcessIdentity | None:
    """The process that runs the system from ``root``; None if none does."""
    try:
        recorded = ProcessIdentity(**json.loads(_self_file(root).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return recorded if recorded.alive() else None


def _write_self(root: Path) -> None:
    identity = ProcessIdentity.of(os.getpid())
    if identity is not None:
        write_json(_self_file(root), asdict(identity))


def _self_file(root: Path) -> Path:
    return root.absolute() / "supervisor.json"
