"""A service's application called over HTTP in the same process, by anybody, with real tokens."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.http import ApiRouter, create_app
from shared.security import SigningKey, TokenVerifier, new_key_pair, parse_key_set, parse_signing_key, sign_jws
from tests.databases import ServiceDatabase

ISSUER = "issuer.test"


@dataclass(frozen=True)
class Account:
    """Somebody's account with its role and scope."""

    role: str
    person: UUID | None = None
    institution: str | None = None
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApiClient:
    """Calls routes as anybody."""

    http: httpx.AsyncClient
    key: SigningKey

    def headers(self, account: Account) -> dict[str, str]:
        """A fresh token and English refusals."""
        now_s = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER, "sub": f"{account.role}-{account.person}-{account.institution}", "aud": "skill-voucher",
            "exp": now_s + 300, "iat": now_s, "jti": str(uuid4()), "role": account.role, "areas": list(account.areas),
        }  # fmt: skip
        if account.person is not None:
            claims["person"] = str(account.person)
        if account.institution is not None:
            claims["institution"] = account.institution
        return {"authorization": f"Bearer {sign_jws(claims, self.key)}", "accept-language": "en"}

    async def get(self, account: Account | None, path: str, **query: Any) -> httpx.Response:
        """GET as `account`, or as nobody."""
        return await self.http.get(path, headers=self.headers(account) if account else {}, params=query)

    async def post(self, account: Account, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """POST as `account`, with a fresh idempotency key unless one is given; None sends no body."""
        headers = self.headers(account) | {"idempotency-key": key or uuid4().hex}
        sent = {} if body is None else {"json": body}
        return await self.http.post(path, headers=headers, **sent)


@asynccontextmanager
async def open_client(database: ServiceDatabase, routers: Sequence[ApiRouter]) -> AsyncIterator[ApiClient]:
    """The application of a service over `database` as the API's role, started and stopped."""
    private, public = new_key_pair("test")
    app = create_app(
        service=database.service,
        title=database.service,
        routers=routers,
        settings=database.api.settings,
        database=database.api,
        tokens=TokenVerifier(parse_key_set({"keys": [public]}), ISSUER),
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=f"http://{database.service}") as http,
    ):
        yield ApiClient(http, parse_signing_key(private))


def done(answer: httpx.Response, status: int = 200) -> Any:
    """The answer's document, after a look at its status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def created(answer: httpx.Response) -> Any:
    """The document of what was created."""
    return done(answer, 201)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is this refusal."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text


def codes(answer: httpx.Response) -> list[str]:
    """Of a bulk answer, `ok` or the refusal's code row by row."""
    return ["ok" if "result" in row else row["error"]["code"] for row in done(answer)["results"]]
