"""Payout's application over HTTP, and callers with real tokens."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from services.payout.main import ROUTERS
from shared.http import create_app
from shared.kernel.ids import uuid7
from shared.persistence import Database
from shared.security import Principal, TokenVerifier, new_key_pair, parse_key_set, parse_signing_key, sign_jws

ISSUER = "https://issuer.test"


_PRIVATE, _PUBLIC = new_key_pair("issuer-1")


_KEY = parse_signing_key(_PRIVATE)


_TOKENS = TokenVerifier(parse_key_set({"keys": [_PUBLIC]}), ISSUER)


def token(caller: Principal) -> str:
    """A good token of a caller."""
    now_s = int(time.time())
    claims: dict[str, Any] = {
        "iss": ISSUER, "sub": caller.account, "aud": "skill-voucher", "exp": now_s + 600, "iat": now_s, "jti": "1",
        "role": str(caller.role),
    }  # fmt: skip
    if caller.person_id is not None:
        claims["person"] = str(caller.person_id)
    if caller.institution is not None:
        claims["institution"] = caller.institution
    if caller.areas:
        claims["areas"] = sorted(caller.areas)
    return sign_jws(claims, _KEY)


class ApiClient:
    """The HTTP interface as callers use it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.http = client

    async def get(self, caller: Principal | None, path: str, **query: Any) -> httpx.Response:
        """Read as `caller`, or as nobody."""
        headers = {"Authorization": f"Bearer {token(caller)}"} if caller else {}
        return await self.http.get(path, params=query, headers=headers)

    async def post(
        self, caller: Principal, path: str, body: dict[str, Any] | None = None, *, key: str | None = None
    ) -> httpx.Response:
        """Act as `caller`, with a new key unless one is given."""
        headers = {"Authorization": f"Bearer {token(caller)}", "Idempotency-Key": key or str(uuid7())}
        return await self.http.post(path, json=body, headers=headers)


@asynccontextmanager
async def open_client(database: Database) -> AsyncIterator[ApiClient]:
    """The application on a database."""
    app = create_app(
        service="payout", title="Payout", routers=ROUTERS, settings=database.settings, database=database, tokens=_TOKENS
    )
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield ApiClient(client)
