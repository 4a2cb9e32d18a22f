"""The HTTP interface with real tokens, called in the same process."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.evaluation.main import ROOMS
from shared.http import create_app
from shared.security import SigningKey, TokenVerifier, new_key_pair, parse_key_set, parse_signing_key, sign_jws
from tests.databases import ServiceDatabase

ISSUER = "https://issuer.test"


@dataclass(frozen=True)
class Actor:
    """Somebody with an account."""

    role: str
    person: UUID
    institution: str | None = None
    areas: tuple[str, ...] = ()

    def as_(self, **other: Any) -> "Actor":
        """The same with something else."""
        return replace(self, **other)


@dataclass(frozen=True)
class Door:
    """Calls routes as anybody."""

    client: httpx.AsyncClient
    key: SigningKey

    def headers(self, actor: Actor | None, key: str | None = None) -> dict[str, str]:
        """The headers of a request."""
        headers = {"idempotency-key": key or str(uuid4()), "accept-language": "en"}
        if actor is None:
            return headers
        now_s = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER, "sub": f"{actor.role}-{actor.person}", "aud": "skill-voucher", "exp": now_s + 300,
            "iat": now_s, "jti": str(uuid4()), "role": actor.role, "person": str(actor.person),
            "areas": list(actor.areas),
        }  # fmt: skip
        if actor.institution is not None:
            claims["institution"] = actor.institution
        return headers | {"authorization": f"Bearer {sign_jws(claims, self.key)}"}

    async def get(self, actor: Actor | None, path: str, **query: Any) -> httpx.Response:
        """GET as `actor`."""
        return await self.client.get(path, params=query, headers=self.headers(actor))

    async def post(
        self, actor: Actor | None, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> httpx.Response:
        """POST as `actor`."""
        return await self.client.post(path, json=body or {}, headers=self.headers(actor, key))


@asynccontextmanager
async def open_door(database: ServiceDatabase) -> AsyncIterator[Door]:
    """The application over `database`, started and stopped."""
    private, public = new_key_pair("test")
    app = create_app(
        service="evaluation",
        title="evaluation",
        routers=[room.router for room in ROOMS],
        settings=database.api.settings,
        database=database.api,
        tokens=TokenVerifier(parse_key_set({"keys": [public]}), ISSUER),
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://evaluation") as client,
    ):
        yield Door(client, parse_signing_key(private))
