"""The HTTP interface with real tokens, called in the same process."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.voucher.main import ROUTERS
from shared.http import create_app
from shared.security import SigningKey, TokenVerifier, new_key_pair, parse_key_set, parse_signing_key, sign_jws
from tests.databases import ServiceDatabase

ISSUER = "https://issuer.test"


@dataclass(frozen=True)
class Account:
    """An account with its role and scope."""

    role: str
    person: UUID | None = None
    areas: tuple[str, ...] = ()
    institution: str | None = None


def worker(person: UUID) -> Account:
    """The worker's own account."""
    return Account("worker", person)


def officer(*areas: str, person: UUID | None = None) -> Account:
    """Some officer of these areas, of the whole city if none is named."""
    return Account("officer", person or uuid4(), areas or ("410400",))


PORTAL = Account("portal")


@dataclass(frozen=True)
class ApiClient:
    """Calls routes as anybody."""

    client: httpx.AsyncClient
    key: SigningKey

    def headers(self, account: Account, key: str | None = None) -> dict[str, str]:
        """A fresh token, a fresh idempotency key unless one is given, and English refusals."""
        now_s = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER, "sub": f"{account.role}-{account.person}", "aud": "skill-voucher", "exp": now_s + 300,
            "iat": now_s, "jti": str(uuid4()), "role": account.role, "areas": list(account.areas),
        }  # fmt: skip
        if account.person is not None:
            claims["person"] = str(account.person)
        if account.institution is not None:
            claims["institution"] = account.institution
        return {
            "authorization": f"Bearer {sign_jws(claims, self.key)}",
            "idempotency-key": key or uuid4().hex,
            "accept-language": "en",
        }

    async def get(self, path: str, account: Account, **query: Any) -> httpx.Response:
        """GET as `account`."""
        headers = self.headers(account)
        del headers["idempotency-key"]
        return await self.client.get(path, headers=headers, params=query)

    async def post(self, path: str, account: Account, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """POST as `account`; None sends no body."""
        headers = self.headers(account, key)
        return await (
            self.client.post(path, headers=headers)
            if body is None
            else self.client.post(path, json=body, headers=headers)
        )


def code_of(answer: httpx.Response) -> str:
    """The refusal's code."""
    return str(answer.json()["code"])


@asynccontextmanager
async def open_client(database: ServiceDatabase) -> AsyncIterator[ApiClient]:
    """The application over `database` as the API's role, started and stopped."""
    private, public = new_key_pair("test")
    tokens = TokenVerifier(parse_key_set({"keys": [public]}), ISSUER)
    app = create_app(
        service="voucher",
        title="voucher",
        routers=ROUTERS,
        settings=database.api.settings,
        database=database.api,
        tokens=tokens,
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield ApiClient(client, parse_signing_key(private))
