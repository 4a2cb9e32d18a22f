"""A service's HTTP interface with real tokens, called in the same process."""

import importlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.http import ApiRouter, create_app
from shared.security import (
    Principal,
    Role,
    SigningKey,
    TokenVerifier,
    new_key_pair,
    parse_key_set,
    parse_signing_key,
    sign_jws,
)
from shared.settings import Settings
from tests.databases import ServiceDatabase
from tests.registered import registered_person

ISSUER = "https://issuer.test"


@dataclass(frozen=True)
class Account:
    """Somebody's account, with its role and scope."""

    role: str
    person: UUID = field(default_factory=registered_person)
    institution: str | None = None
    areas: tuple[str, ...] = ()

    def but(self, **other: Any) -> "Account":
        """The same with something else."""
        return replace(self, **other)

    @property
    def principal(self) -> Principal:
        """The caller whom a service reads from this account's token."""
        name = f"{self.role}-{self.person}"
        return Principal(name, self.person, Role(self.role), self.institution, frozenset(self.areas))


Caller = Account | Principal | None
"""Who sends a request; None is nobody."""


@dataclass(frozen=True)
class ApiClient:
    """Calls routes as anybody."""

    client: httpx.AsyncClient
    key: SigningKey

    def headers(self, caller: Caller, key: str | None = None) -> dict[str, str]:
        """A fresh token, a fresh idempotency key unless one is given, and English refusals."""
        headers = {"idempotency-key": key or uuid4().hex, "accept-language": "en"}
        if caller is None:
            return headers
        return headers | {"authorization": f"Bearer {self.token(caller)}"}

    def token(self, caller: Account | Principal) -> str:
        """A fresh token."""
        principal = caller.principal if isinstance(caller, Account) else caller
        now_s = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER, "sub": principal.account, "aud": "skill-voucher", "exp": now_s + 300, "iat": now_s,
            "jti": str(uuid4()), "role": str(principal.role), "areas": sorted(principal.areas),
        }  # fmt: skip
        if principal.person_id is not None:
            claims["person"] = str(principal.person_id)
        if principal.institution is not None:
            claims["institution"] = principal.institution
        return sign_jws(claims, self.key)

    async def get(self, caller: Caller, path: str, **query: Any) -> httpx.Response:
        """GET as `caller`."""
        headers = self.headers(caller)
        del headers["idempotency-key"]
        return await self.client.get(path, params=query, headers=headers)

    async def post(
        self, caller: Caller, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> httpx.Response:
        """POST as `caller`; None sends no body."""
        return await self.client.post(path, json=body, headers=self.headers(caller, key))


@asynccontextmanager
async def open_client(
    database: ServiceDatabase, routers: Sequence[ApiRouter], settings: Settings | None = None
) -> AsyncIterator[ApiClient]:
    """The application over `database` as the API's role, started and stopped."""
    private, public = new_key_pair("test")
    app = create_app(
        service=database.service,
        title=database.service,
        routers=routers,
        is_registered=importlib.import_module(f"services.{database.service}.main").is_registered,
        settings=settings or database.api.settings,
        database=database.api,
        tokens=TokenVerifier(parse_key_set({"keys": [public]}), ISSUER),
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield ApiClient(client, parse_signing_key(private))


def done(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of a successful answer."""
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return response.status_code, response.json()["code"]


def code_of(response: httpx.Response) -> str:
    """The code of a refusal."""
    return str(response.json()["code"])


def codes(answer: Mapping[str, Any]) -> list[str | None]:
    """Per row of a bulk answer the code of its refusal."""
    return [row["error"]["code"] if "error" in row else None for row in answer["results"]]
