"""The city as its users see it: five public HTTP interfaces, tokens of the right roles, and the business clock."""

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
REPEATED_CODES = frozenset({"request_in_progress"})
BULK_ROWS_MOST = 1_000
SIDE_BY_SIDE = 8

Json = dict[str, Any]


class DemoFailed(LocalRunError):
    """The system answered something else than the season needs; the message has the request and the answer's code."""


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


Mint = Callable[[Actor], Awaitable[str]]


@dataclass
class City:
    """What the season is driven through. `requests` counts requests by service and route."""

    clients: Mapping[str, httpx.AsyncClient]
    mint: Mint
    clock: Clock
    requests: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    _tokens: dict[Actor, tuple[str, float]] = field(default_factory=dict)

    async def get(self, actor: Actor | None, service: str, path: str, **params: Any) -> Json:
        """Read; `DemoFailed` if refused."""
        return self._expect(await self._call(actor, service, "GET", path, params=params), "GET", path)

    async def find(self, actor: Actor, service: str, path: str, **params: Any) -> Json | None:
        """Read what may not be there: None for a 404."""
        answer = await self._call(actor, service, "GET", path, params=params)
        if isinstance(answer, Refused) and answer.status == httpx.codes.NOT_FOUND:
            return None
        return self._expect(answer, "GET", path)

    async def post(self, actor: Actor | None, service: str, path: str, body: Json | None = None) -> Json:
        """Act; `DemoFailed` if refused."""
        return self._expect(await self._call(actor, service, "POST", path, body=body or {}), "POST", path)

    async def try_post(self, actor: Actor | None, service: str, path: str, body: Json | None = None) -> Json | Refused:
        """Act, whatever comes of it; a refusal is counted by its code."""
        answer = await self._call(actor, service, "POST", path, body=body or {})
        if isinstance(answer, Refused):
            self.count_refusal(answer.code)
        return answer

    async def bulk(self, actor: Actor, service: str, path: str, rows: Sequence[Json], **more: Any) -> list[Json]:
        """Act on many rows by one request; `DemoFailed` if any row is refused. Answers the rows' results in order."""
        results: list[Json] = []
        for start in range(0, len(rows), BULK_ROWS_MOST):
            answer = await self.post(actor, service, path, {"rows": list(rows[start : start + BULK_ROWS_MOST])} | more)
            refused = [one["error"] for one in answer["results"] if one.get("error")]
            if refused:
                raise DemoFailed(f"POST {path}: {len(refused)} rows refused, the first: {refused[0]}")
            results += [one["result"] for one in answer["results"]]
        return results

    def count_refusal(self, code: str) -> None:
        """Remember a refusal for the report."""
        self.refusals[code] = self.refusals.get(code, 0) + 1

    async def _call(
        self, actor: Actor | None, service: str, method: str, path: str, *, body: Json | None = None, params: Any = None
    ) -> Json | Refused:
        headers = {"Accept-Language": "en", "Idempotency-Key": str(uuid4())} if method == "POST" else {}
        deadline = time.monotonic() + REPEAT_FOR_S
        self.requests[f"{service} {method}"] = self.requests.get(f"{service} {method}", 0) + 1
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
            self._tokens[actor] = (token, time.monotonic() + 300)
        return token

    def _expect(self, answer: Json | Refused, method: str, path: str) -> Json:
        if isinstance(answer, Refused):
            raise DemoFailed(f"{method} {path}: {answer.status} {answer.code}: {answer.detail}")
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

    async def one(job: Awaitable[Any]) -> Any:
        async with gate:
            answer = await job
            if done is not None:
                done()
            return answer

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(job)) for job in jobs]
    return [task.result() for task in tasks]
