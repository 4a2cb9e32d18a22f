"""A voucher service with people who may claim: its database in as many copies as measurements, and its API process."""

import contextlib
import dataclasses
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI

from deploy.local.databases import ensure_databases
from deploy.local.demo.cast import SKILLS, Casting, Citizen
from deploy.local.environment import LocalEnvironment, Process
from deploy.local.issuer import TokenRequest, mint_token
from deploy.local.keys import Signing
from deploy.local.ports import scatter
from deploy.local.postgres import PostgresServer
from deploy.local.probes import http_ready
from deploy.local.processes import Daemon, run_to_end
from services.voucher.evidence.domain import ExtractStatement, FiscalPayroll, Pension
from services.voucher.evidence.service import record_extract
from services.voucher.main import ROUTERS
from services.voucher.workers.domain import RealNameMethod
from services.voucher.workers.queries import is_registered
from services.voucher.workers.service import Registration, register_people
from shared.http import Role, create_app
from shared.kernel.actor import Actor, ActorKind
from shared.kernel.errors import DomainError
from shared.persistence import Database, UnitOfWork
from shared.security import read_signing_key
from tests.bench.lean_client import post

PROJECT = Path(__file__).resolve().parents[2]
SERVICE = "voucher"
SEED = 20_261_123
TOGETHER = 250
START_LIMIT_S = 60.0
SKILL = {"skill_code": SKILLS[0].code, "level": SKILLS[0].level}


@dataclasses.dataclass
class ClaimStand:
    """The servers, and the people and the batch that every copy of the database begins with."""

    environment: LocalEnvironment
    postgres: PostgresServer
    people: list[UUID] = dataclasses.field(default_factory=list)
    batch_id: str = ""

    def url(self, database: str, process: Process = Process.API) -> str:
        """SQLAlchemy address of a copy."""
        return self.environment.database_url(SERVICE, process).removesuffix(SERVICE) + database

    async def copy(self, name: str) -> str:
        """A copy of the database as it was prepared; its name."""
        server = await asyncpg.connect(self.postgres.superuser_dsn)
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {SERVICE} OWNER {SERVICE}_owner")
        await server.execute("CHECKPOINT")
        await server.close()
        return name

    async def connect(self, name: str) -> asyncpg.Connection:
        """The superuser's connection to a copy."""
        return await asyncpg.connect(self.postgres.superuser_dsn, database=name)

    def token(self, role: Role, account: str, **scope: object) -> str:
        """A token of the development issuer."""
        wanted = TokenRequest.model_validate({"sub": account, "role": role, **scope})
        key = read_signing_key(self.environment.keys.private(Signing.TOKENS))
        return mint_token(wanted, issuer=self.environment.issuer_url, key=key)

    def claims(self, people: list[UUID]) -> list[bytes]:
        """The requests by which these people claim."""
        body = {"batch_id": self.batch_id, **SKILL}
        return [post("/v1/vouchers", self.worker_token(person), str(uuid4()), body) for person in people]

    def worker_token(self, person: UUID) -> str:
        """A worker's token."""
        return self.token(Role.WORKER, f"worker-{person}", person=str(person))

    @contextlib.contextmanager
    def serving(self, database: str) -> Iterator[tuple[int, int]]:
        """One API process over a copy; its port and process id."""
        port = self.environment.ports["voucher-api"]
        command = self.environment.command(SERVICE, Process.API)
        given = {**command.environment, "SKILL_VOUCHER_DATABASE_URL": self.url(database)}
        daemon = Daemon(dataclasses.replace(command, environment=given), http_ready(port))
        daemon.start(START_LIMIT_S)
        try:
            yield port, daemon.process.pid if daemon.process else 0
        finally:
            daemon.stop()

    @contextlib.asynccontextmanager
    async def inside(self, database: str) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
        """The same application in this process, to look at what it does."""
        seen = Database(self.url(database), actor=Actor(ActorKind.COMMAND, "bench"))
        app = create_app(service=SERVICE, title="voucher", routers=ROUTERS, is_registered=is_registered, database=seen)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as by,
        ):
            yield app, by
        await seen.close()


@contextlib.asynccontextmanager
async def claim_stand(people: int) -> AsyncIterator[ClaimStand]:
    """Start PostgreSQL with fsync on, migrate, and prepare people and a batch with a voucher for each."""
    with tempfile.TemporaryDirectory(prefix="skill-voucher-bench-") as name:
        root = Path(name)
        prepared = LocalEnvironment.prepare(PROJECT, root, profile="test")
        ports = scatter(prepared.ports)
        environment = dataclasses.replace(prepared, ports=ports)
        password = environment.passwords["postgres"]
        postgres = PostgresServer(root / "postgres", port=ports["postgres"], password=password, durable=True)
        postgres.start()
        try:
            await ensure_databases(postgres.superuser_dsn, environment.role_passwords(), services=[SERVICE])
            run_to_end(environment.command(SERVICE, Process.MIGRATE), timeout_seconds=START_LIMIT_S)
            os.environ.update(environment.environment(SERVICE, Process.API))
            stand = ClaimStand(environment, postgres)
            await _prepare(stand, people)
            yield stand
        finally:
            postgres.stop()
            postgres.remove()


async def _prepare(stand: ClaimStand, people: int) -> None:
    async with stand.inside(SERVICE) as (app, client):
        database: Database = app.state.database
        async with database.unit_of_work() as uow:
            casting = Casting(SEED, uow.today)
        citizens = [casting.citizen() for _ in range(people + 2)]
        for start in range(0, len(citizens), TOGETHER):
            async with database.unit_of_work() as uow:
                stand.people += await _register(uow, citizens[start : start + TOGETHER])
        officers = [
            stand.token(Role.OFFICER, f"officer-{person}", person=str(person), areas=["410400"])
            for person in (stand.people.pop(), stand.people.pop())
        ]
        async with database.unit_of_work() as uow:
            now = uow.now
        body = {
            "kind": "general",
            "programme": "training_voucher",
            "title": "bench",
            "quantity": people,
            "skills": [SKILL],
            "areas": ["410400"],
            "audience_groups": [],
            "claim_from": (now - timedelta(minutes=5)).isoformat(),
            "claim_until": (now + timedelta(days=30)).isoformat(),
            "validity_days": 90,
            "fund_source": "employment_subsidy_fund",
            "rules_version": "2022-03",
        }
        proposed = await client.post("/v1/batches", json=body, headers=headers(officers[0]))
        stand.batch_id = proposed.raise_for_status().json()["id"]
        path = f"/v1/batches/{stand.batch_id}/approvals"
        (await client.post(path, json={}, headers=headers(officers[1]))).raise_for_status()
    owner = await stand.connect(SERVICE)
    await owner.execute("DELETE FROM outbox; DELETE FROM idempotency_keys")
    await owner.execute("VACUUM ANALYZE")
    await owner.close()


async def _register(uow: UnitOfWork, citizens: list[Citizen]) -> list[UUID]:
    wanted = [
        Registration(citizen.name, citizen.id_number, citizen.phone, citizen.area, RealNameMethod.POLICE, 3, uow.now)
        for citizen in citizens
    ]
    people: list[UUID] = []
    for person in await register_people(uow, wanted):
        if isinstance(person, DomainError):
            raise person
        said = ExtractStatement(Pension.NOT_DRAWN, FiscalPayroll.OFF, "portal", uow.today, ())
        await record_extract(uow, person.id, said, "bench")
        people.append(person.id)
    return people


def headers(token: str) -> dict[str, str]:
    """Of a request that changes something."""
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
