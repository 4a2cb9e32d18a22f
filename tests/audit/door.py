"""The HTTP interface with real tokens, called in the same process."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.audit.main import ROUTERS
from shared.http import create_app
from shared.security import SigningKey, TokenVerifier, new_key_pair, parse_key_set, parse_signing_key, sign_jws
from shared.settings import Profile, Settings
from tests.databases import ServiceDatabase

ISSUER = "https://issuer.test"


@dataclass(frozen=True)
class Door:
    """Calls routes as anybody."""

    client: httpx.AsyncClient
    key: SigningKey

    def token(
        self, role: str, *, person: UUID | None = None, institution: str | None = None, areas: tuple[str, ...] = ()
    ) -> str:
        """A token of `role`; roles that need a person get one."""
        now_s = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER, "sub": f"{role}-1", "aud": "skill-voucher", "exp": now_s + 300, "iat": now_s,
            "jti": str(uuid4()), "role": role, "person": str(person or uuid4()), "areas": list(areas),
        }  # fmt: skip
        if institution is not None:
            claims["institution"] = institution
        return sign_jws(claims, self.key)

    async def get(self, path: str, role: str, **scope: Any) -> httpx.Response:
        """GET as `role`."""
        return await self.client.get(path, headers={"authorization": f"Bearer {self.token(role, **scope)}"})

    async def post(self, path: str, role: str, body: Mapping[str, Any] | None, **scope: Any) -> httpx.Response:
        """POST as `role`; None sends no body."""
        headers = {"authorization": f"Bearer {self.token(role, **scope)}"}
        return (
            await self.client.post(path, json=body, headers=headers)
            if body is not None
            else (await self.client.post(path, headers=headers))
        )


@asynccontextmanager
async def open_door(database: ServiceDatabase) -> AsyncIterator[Door]:
    """The application over `database`, started and stopped."""
    private, public = new_key_pair("test")
    tokens = TokenVerifier(parse_key_set({"keys": [public]}), ISSUER)
    app = create_app(
        service="audit",
        title="audit",
        routers=ROUTERS,
        settings=Settings(profile=Profile.TEST),
        database=database.api,
        tokens=tokens,
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield Door(client, parse_signing_key(private))
