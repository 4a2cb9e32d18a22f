"""A small service of lamps behind the real frame, and callers with real tokens."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI, Query, Response
from pydantic import Field
from sqlalchemy import select

from shared.http import (
    Allow,
    ApiRouter,
    AppDatabase,
    Body,
    BulkAnswer,
    BulkRequest,
    Caller,
    Creates,
    Page,
    PageQuery,
    Public,
    Refuses,
    RequestKey,
    Role,
    StoredAnswer,
    Uow,
    View,
    answered,
    api_router,
    batched,
    claim_key,
    create_app,
    idempotent_by_nature,
    replayed,
    store_answer,
)
from shared.kernel.errors import Conflict, DomainError, NotFound
from shared.persistence import Database, UnitOfWork, map_constraint
from shared.security import TokenVerifier, new_key_pair, parse_key_set, parse_signing_key, sign_jws
from tests.databases import ServiceDatabase
from tests.keys import all_keys, service_settings
from tests.probe import Lamp, TooBright, install

ISSUER = "https://issuer.test"
_PRIVATE, _PUBLIC = new_key_pair("issuer-1")
_KEY = parse_signing_key(_PRIVATE)
PERSON = UUID("0193a1b0-0000-7000-8000-000000000001")
TOKENS = TokenVerifier(parse_key_set({"keys": [_PUBLIC]}), ISSUER)


STRANGERS = {uuid4()}
"""Whom nobody has registered."""


class ColourTaken(Conflict):
    """There is a lamp of this colour."""

    code = "probe_colour_taken"
    policy = "§二(二)7"
    zh, en = "已有此颜色的灯", "There is a lamp of this colour."


class LampNotFound(NotFound):
    """There is no such lamp."""

    code = "probe_lamp_not_found"
    zh, en = "没有这盏灯", "There is no such lamp."


class WattsTaken(Conflict):
    """There is a lamp as bright; the database says so only at commit."""

    code = "probe_watts_taken"
    zh, en = "已有此功率的灯", "There is a lamp as bright."


class Unforeseen(Conflict):
    """The route does not list it."""

    code = "probe_unforeseen"
    zh, en = "未列明", "It is not listed."


REFUSED: dict[str, DomainError] = {"red": ColourTaken(), "black": Unforeseen()}

map_constraint("uq_lamps_colour", ColourTaken)
map_constraint("uq_lamps_watts_deferred", WattsTaken)


class InstallRequest(Body):
    """A lamp to install."""

    colour: Annotated[str, Field(min_length=1, max_length=40)]
    watts: Annotated[int, Field(ge=0)] = 10
    slow_ms: int = 0


class LampView(View):
    """A lamp, as it is shown; `watts` is what it draws."""

    id: UUID
    colour: str
    watts: int


class Dull(Body):
    """A row of a bulk request."""

    colour: str
    marks: dict[str, int] = Field(default_factory=dict)


def lamp_routes() -> ApiRouter:
    """The routes of the small service."""
    router = api_router("/v1/lamps", tag="lamps")

    refuses = Refuses(LampNotFound, ColourTaken, WattsTaken, TooBright)

    @router.post("", dependencies=[Allow(Role.WORKER, Role.OFFICER), Creates("/v1/lamps/{id}"), refuses])
    async def install_lamp(body: InstallRequest, uow: Uow, caller: Caller) -> LampView:
        (lamp,) = await install(uow, body.colour, watts=body.watts)
        await asyncio.sleep(body.slow_ms / 1000)
        if body.colour == "none":
            raise LampNotFound
        return LampView.model_validate(lamp)

    @router.post("/{lamp_id}/acknowledgements", dependencies=[Allow(Role.WORKER)])
    async def acknowledge(lamp_id: UUID, uow: Uow) -> dict[str, str]:
        return {"lamp": str(lamp_id), "at": uow.recorded_at.isoformat(), "nonce": str(uuid4())}

    @router.post("/batched", dependencies=[Allow(Role.WORKER), batched, Creates("/v1/lamps/{id}"), refuses])
    async def gather(body: Dull, key: RequestKey, database: AppDatabase) -> Response:
        async with database.unit_of_work() as uow:
            stored = await claim_key(uow, key)
            if stored is not None:
                return replayed(stored)
            (lamp,) = await install(uow, body.colour)
            answer = StoredAnswer(201, LampView.model_validate(lamp).model_dump_json())
            await store_answer(uow, key, answer)
        return answered(answer)

    @router.post("/bulk", dependencies=[Allow(Role.OFFICER), idempotent_by_nature, refuses])
    async def bulk(body: BulkRequest[Dull]) -> BulkAnswer[LampView]:
        outcomes: list[Dull | DomainError] = [REFUSED.get(row.colour) or row for row in body.rows]
        return body.answer(outcomes, lambda row: LampView(id=uuid4(), colour=row.colour, watts=1))

    @router.get("", dependencies=[Public])
    async def lamps(uow: Uow, page: PageQuery, colour: Annotated[str | None, Query(max_length=40)] = None
                    ) -> Page[LampView]:  # fmt: skip
        wanted = select(Lamp).order_by(Lamp.id).limit(page.fetch)
        if colour is not None:
            wanted = wanted.where(Lamp.colour == colour)
        if page.after_uuid is not None:
            wanted = wanted.where(Lamp.id > page.after_uuid)
        return Page[LampView].of((await uow.session.scalars(wanted)).all(), page, LampView.model_validate)

    @router.get("/broken", dependencies=[Public])
    async def broken() -> None:
        raise ValueError("张三丰 410402199001011234")

    @router.get("/{lamp_id}", dependencies=[Allow(Role.WORKER)])
    async def lamp(lamp_id: UUID, caller: Caller) -> dict[str, str]:
        return {"id": str(lamp_id), "caller": caller.account}

    return router


def token(role: str = "worker", *, account: str = "account-1", **more: Any) -> str:
    """A good token."""
    now_s = int(time.time())
    claims = {"iss": ISSUER, "sub": account, "aud": "skill-voucher", "exp": now_s + 600, "iat": now_s, "jti": "1"}
    areas = {"areas": ["410402"]} if role == "officer" else {}
    return sign_jws({**claims, "role": role, "person": str(PERSON), **areas, **more}, _KEY)


def headers(role: str = "worker", *, key: str | None = None, **more: str) -> dict[str, str]:
    """The headers of a signed-in caller."""
    keyed = {} if key is None else {"Idempotency-Key": key}
    return {"Authorization": f"Bearer {token(role)}", **keyed, **more}


async def registered_here(_uow: UnitOfWork, person_id: UUID) -> bool:
    """Whom the small service knows: everybody but strangers."""
    return person_id not in STRANGERS


def lamp_app(database: Database, routers: Sequence[ApiRouter] | None = None) -> FastAPI:
    """The small service on `database`."""
    return create_app(
        service="probe",
        title="Lamps",
        routers=routers or [lamp_routes()],
        is_registered=registered_here,
        settings=service_settings(all_keys(), "probe").model_copy(update={"http_body_limit_bytes": 20_000}),
        database=database,
        tokens=TOKENS,
    )


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a started application."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


@pytest.fixture
async def offline() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service while its database cannot be reached."""
    database = Database("postgresql+asyncpg://nobody:nothing@127.0.0.1:1/none")
    async with client_of(lamp_app(database)) as client:
        yield client
    await database.close()


@pytest.fixture
async def client(probe: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service on a real database."""
    async with client_of(lamp_app(probe.api)) as client:
        yield client
