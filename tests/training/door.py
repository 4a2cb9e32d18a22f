"""The HTTP interface of training with real tokens, called in the same process."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.training.main import ROUTERS
from shared.http import create_app
from shared.security import SigningKey, TokenVerifier, new_key_pair, parse_key_set, parse_signing_key, sign_jws
from tests.databases import ServiceDatabase

ISSUER = "issuer.test"


@dataclass(frozen=True)
class Account:
    """An account with its role and scope."""

    role: str
    person: UUID | None = None
    institution: str | None = None
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Door:
    """Calls routes as anybody."""

    client: httpx.AsyncClient
    key: SigningKey

    def headers(self, actor: Account) -> dict[str, str]:
        """A fresh token and English refusals."""
        now_s = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER, "sub": f"{actor.role}-{actor.person}-{actor.institution}", "aud": "skill-voucher",
            "exp": now_s + 300, "iat": now_s, "jti": str(uuid4()), "role": actor.role, "areas": list(actor.areas),
        }  # fmt: skip
        if actor.person is not None:
            claims["person"] = str(actor.person)
        if actor.institution is not None:
            claims["institution"] = actor.institution
        return {"authorization": f"Bearer {sign_jws(claims, self.key)}", "accept-language": "en"}

    async def get(self, actor: Account | None, path: str, **query: Any) -> httpx.Response:
        """GET as `actor`, or as nobody."""
        return await self.client.get(path, headers=self.headers(actor) if actor else {}, params=query)

    async def post(self, actor: Account, path: str, body: Any = None) -> httpx.Response:
        """POST as `actor` with a fresh idempotency key; None sends no body."""
        headers = self.headers(actor) | {"idempotency-key": uuid4().hex}
        return await self.client.post(path, json={} if body is None else body, headers=headers)


@asynccontextmanager
async def open_door(database: ServiceDatabase) -> AsyncIterator[Door]:
    """The application over `database` as the API's role, started and stopped."""
    private, public = new_key_pair("test")
    app = create_app(
        service="training",
        title="training",
        routers=ROUTERS,
        settings=database.api.settings,
        database=database.api,
        tokens=TokenVerifier(parse_key_set({"keys": [public]}), ISSUER),
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://training") as client,
    ):
        yield Door(client, parse_signing_key(private))
