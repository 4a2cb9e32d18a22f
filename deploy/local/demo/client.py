"""The public HTTP interfaces of the five services as their users see them, and the business clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

import httpx

from deploy.local.errors import LocalRunError

REPEAT_FOR_S = 90.0
"""How long a request is repeated, under one idempotency key, while its service does not answer or is busy."""
REPEAT_EVERY_S = 0.3
REPEATED_STATUSES = frozenset({502, 503, 504})
REPEATED_CODES = frozenset({"request_in_progress", "not_received_yet", "person_not_registered"})
"""Who has just been registered elsewhere is known everywhere a moment later."""
BULK_ROWS_MOST = 1_000
PAGE_ROWS_MOST = 200
TOKEN_REUSED_S = 300.0
SIDE_BY_SIDE = 8

Json = dict[str, Any]


class DemoFailed(LocalRunError):
    """The system answered something else than the season needs; the message has the request and the answer's code."""


class RequestRefused(DemoFailed):
    """A request, or a row of it, that was refused; `code` says why."""

    def __init__(self, method: str, path: str, refused: Refused) -> None:
        """Say which request it was."""
        super().__init__(f"{method} {path}: {refused}")
        self.code = refused.code


class Clock(Protocol):
    """Business time, moved only when everything is quiet."""

    async def now(self) -> datetime: ...

    async def advance(self, to: datetime) -> None: ...

    async def wait_until_quiet(self) -> None: ...


@dataclass(frozen=True)
class Actor:
    """An account with its role and scope, as the issuer writes it into a token."""

    sub: str
    role: str
    person: str | None = None
    institution: str | None = None
    areas: tuple[str, ...] = ()

    def claims(self) -> Json:
        """What to ask the issuer for."""
        scope = {"person": self.person, "institution": self.institution, "areas": list(self.areas) or None}
        return {"sub": self.sub, "role": self.role} | {name: value for name, value in scope.items() if value}


@dataclass(frozen=True)
class Refused:
    """A request that was refused: its status and code."""

    status: int
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"


Mint = Callable[[Actor], Awaitable[str]]


@dataclass
class ApiClient:
    """Calls the five services as any account, repeating what did not get through; `requests` counts the calls."""

    clients: Mapping[str, httpx.AsyncClient]
    mint: Mint
    clock: Clock
    requests: int = 0
    in_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """For what two of several stories must not do at once, as two officers of one office would not."""
    _tokens: dict[Actor, tuple[str, float]] = field(default_factory=dict)

    async def get(self, actor: Actor | None, service: str, path: str, **params: Any) -> Json:
        """Read; `DemoFailed` if refused."""
        return _expect(await self._call(actor, service, "GET", path, params=params), "GET", path)

    async def post(self, actor: Actor | None, service: str, path: str, body: Json | None = None) -> Json:
        """Act; `DemoFailed` if refused."""
        return _expect(await self.try_post(actor, service, path, body), "POST", path)

    async def try_post(self, actor: Actor | None, service: str, path: str, body: Json | None = None) -> Json | Refused:
        """Act, whatever comes of it."""
        return await self._call(actor, service, "POST", path, body=body or {})

    async def bulk(self, actor: Actor, service: str, path: str, rows: Sequence[Json], **more: str) -> list[Json]:
        """Act on many rows by few requests, each with `more`; `DemoFailed` if any row is refused.

        Answers the rows' results in order.
        """
        results: list[Json] = []
        for start in range(0, len(rows), BULK_ROWS_MOST):
            answer = await self.post(actor, service, path, {"rows": list(rows[start : start + BULK_ROWS_MOST]), **more})
            refused = [row["error"] for row in answer["results"] if row.get("error")]
            if refused:
                raise DemoFailed(f"POST {path}: {len(refused)} rows refused, the first: {refused[0]}")
            results += [row["result"] for row in answer["results"]]
        return results

    async def pages(self, actor: Actor, service: str, path: str, **params: Any) -> list[Json]:
        """Read a list to its end; `DemoFailed` if refused."""
        rows: list[Json] = []
        while True:
            page = await self.get(actor, service, path, limit=PAGE_ROWS_MOST, **params)
            rows += page["data"]
            if not page["has_more"]:
                return rows
            params["cursor"] = page["next_cursor"]

    async def _call(
        self, actor: Actor | None, service: str, method: str, path: str, *, body: Json | None = None, params: Any = None
    ) -> Json | Refused:
        headers = {"Accept-Language": "en", "Idempotency-Key": str(uuid4())} if method == "POST" else {}
        deadline = time.monotonic() + REPEAT_FOR_S
        self.requests += 1
        while True:
            trouble: object
            try:
                if actor is not None:
                    headers["Authorization"] = f"Bearer {await self._token(actor)}"
                answer = await self.clients[service].request(method, path, json=body, params=params, headers=headers)
                if answer.is_success:
                    document: Json = answer.json()
                    return document
                refused = _refused(answer)
                if answer.status_code not in REPEATED_STATUSES and refused.code not in REPEATED_CODES:
                    return refused
                trouble = refused
            except httpx.TransportError as error:
                trouble = type(error).__name__
            if time.monotonic() > deadline:
                raise DemoFailed(f"{method} {path} of {service} did not succeed in {REPEAT_FOR_S:.0f} s: {trouble}")
            await asyncio.sleep(REPEAT_EVERY_S)

    async def _token(self, actor: Actor) -> str:
        token, fresh_until = self._tokens.get(actor, ("", 0.0))
        if time.monotonic() > fresh_until:
            token = await self.mint(actor)
            self._tokens[actor] = (token, time.monotonic() + TOKEN_REUSED_S)
        return token


def _expect(answer: Json | Refused, method: str, path: str) -> Json:
    if isinstance(answer, Refused):
        raise RequestRefused(method, path, answer)
    return answer


def _refused(answer: httpx.Response) -> Refused:
    try:
        problem = answer.json()
        return Refused(answer.status_code, str(problem.get("code", "")), str(problem.get("detail", "")))
    except ValueError:
        return Refused(answer.status_code, "no_problem_document", "")


async def side_by_side(jobs: Sequence[Awaitable[Any]], *, done: Callable[[], None] | None = None) -> list[Any]:
    """Run jobs a few at a time; the first failure ends them all. Answers in the order of the jobs."""
    gate = asyncio.Semaphore(SIDE_BY_SIDE)

    async def gated(job: Awaitable[Any]) -> Any:
        async with gate:
            answer = await job
            if done is not None:
                done()
            return answer

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(gated(job)) for job in jobs]
    return [task.result() for task in tasks]
