"""The one kind of route: authenticate, permit, open the unit of work, act, keep the answer, commit, answer.

The answer leaves only after the commit, so an error at commit is answered as what it is. (The exit of a FastAPI
dependency with `yield` runs after the answer was sent; a unit of work opened there would answer 201 and roll back.)
"""

import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.responses import Response

from shared.http import policy
from shared.http.bodies import ReadRequest
from shared.http.field_names import calls, contract_names, parameters, query_names
from shared.http.idempotency import (
    HEADER,
    REPLAYED_HEADER,
    Keyed,
    RequestHash,
    StoredAnswer,
    checked_key,
    claim_key,
    store_answer,
)
from shared.http.kinds import kinds_of
from shared.http.pages import page_request
from shared.http.problems import QueryUnknown
from shared.http.rates import RateLimiter
from shared.http.refusals import Declared, check_declared, declaring, listed_refusals
from shared.http.strict import unbounded_times
from shared.persistence import Database, UnitOfWork, refusal_of
from shared.security import ANSWERABLE, PersonNotRegistered, Principal, TokenInvalid, TokenMissing, TokenVerifier
from shared.settings import Profile, Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
JSON = "application/json"

Answer = Callable[[Request], Coroutine[Any, Any, Response]]
IsRegistered = Callable[[UnitOfWork, UUID], Awaitable[bool]]
"""Whether a person is registered, as the service knows it."""


async def _uow(request: Request) -> UnitOfWork:
    uow: UnitOfWork = request.state.uow
    return uow


async def _caller(request: Request) -> Principal:
    caller: Principal | None = request.state.caller
    if caller is None:
        raise TokenMissing
    return caller


async def _keyed(request: Request) -> Keyed:
    keyed: Keyed | None = request.state.keyed
    if keyed is None:
        raise TypeError("this route takes no idempotency key")
    return keyed


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Uow = Annotated[UnitOfWork, Depends(_uow)]
"""A handler's parameter: the unit of work of the running request."""
Caller = Annotated[Principal, Depends(_caller)]
"""A handler's parameter: the verified caller."""
RequestKey = Annotated[Keyed, Depends(_keyed)]
"""A batched handler's parameter: the idempotency key to claim in the request batcher's unit of work."""
AppDatabase = Annotated[Database, Depends(_database)]
"""A batched handler's parameter: the database that its request batcher opens its unit of work on."""
AppSettings = Annotated[Settings, Depends(_settings)]
"""A handler's parameter: the settings that the application runs on."""


class UnitOfWorkRoute(APIRoute):
    """A route whose every request is one unit of work. Without a permission it fails when it is declared."""

    permission: policy.Permission
    batched: bool
    rate_limited: bool
    keyed: bool
    pages: bool
    opens_unit_of_work: bool
    needs_registered: bool

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        dependencies = list(options.get("dependencies") or [])
        self.permission = policy.permission_of(dependencies)
        self.batched = policy.has_trait(dependencies, policy.batched)
        self.rate_limited = policy.has_trait(dependencies, policy.rate_limited)
        methods = {method.upper() for method in options.get("methods") or ["GET"]}
        changes = not methods <= SAFE_METHODS
        self.keyed = changes and not policy.has_trait(dependencies, policy.idempotent_by_nature)
        if self.keyed and self.permission.public:
            raise TypeError("a public route changes nothing or says idempotent_by_nature")
        if self.batched and not self.keyed:
            raise TypeError("only a route that takes a key can be batched")
        self.creates = policy.location_of(dependencies)
        if self.creates is not None:
            options["status_code"] = 201
        super().__init__(path, endpoint, **options)
        self.listed = listed_refusals(dependencies)
        self.pages = page_request in calls(self)
        self.query_names = query_names(self)
        _refuse_unbounded_queries(self)
        self.contract_names = contract_names(self)
        self.opens_unit_of_work = not self.batched and (self.keyed or _uow in calls(self))
        self.needs_registered = self.opens_unit_of_work and bool(ANSWERABLE & (self.permission.roles or frozenset()))
        if self.batched and _uow in calls(self):
            raise TypeError("a batched route has no unit of work of its own")
        self.refusals = self.listed.union(*(kind.refusals for kind in kinds_of(self)))
        """Every refusal that the route can give."""
        self.refusal_codes = frozenset(refusal.code for refusal in self.refusals)

    def get_route_handler(self) -> Answer:
        """The handler around FastAPI's own, which validates, calls the endpoint and renders.

        What the database says against it, at commit too, becomes the refusal that it stands for.
        """
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            read = ReadRequest(request.scope, request.receive)
            state = read.app.state
            strict = state.settings.profile is Profile.TEST
            with declaring(Declared(self.name, self.refusal_codes, strict)):
                try:
                    return await self._handle(read, answer)
                except Exception as error:
                    refusal = refusal_of(error)
                    if refusal is None:
                        raise
                    check_declared(refusal)
                    if refusal is error:
                        raise
                    raise refusal from error

        return handle

    async def _handle(self, request: ReadRequest, answer: Answer) -> Response:
        state = request.state
        if self.rate_limited:
            limiter: RateLimiter = request.app.state.lookups
            limiter.take(request.client.host if request.client else "")
        state.caller = None if self.permission.public else authenticate(request)
        if state.caller is not None:
            self.permission.check(state.caller)
        if not self.query_names.issuperset(request.query_params):
            raise QueryUnknown
        settings: Settings = request.app.state.settings
        body = await request.read_within(settings.http_body_limit_bytes, settings.http_body_timeout_s)
        state.keyed = self._keyed_request(request, body) if self.keyed else None
        request.parse_for(self)
        state.uow = None
        response = await (self._in_unit_of_work(request, answer) if self.opens_unit_of_work else answer(request))
        if self.creates is not None:
            made = json.loads(bytes(response.body))
            response.headers["Location"] = self.creates.format_map({**request.path_params, **made})
        return response

    def _keyed_request(self, request: Request, body: bytes) -> Keyed:
        caller: Principal = request.state.caller
        hash_request: RequestHash = request.app.state.hash_request
        return Keyed(
            principal=caller.fingerprint,
            method=request.method,
            route=self.path_format,
            key=checked_key(request.headers.getlist(HEADER)),
            body_hash=hash_request(request.url.path, request.url.query.encode(), body),
        )

    async def _in_unit_of_work(self, request: Request, answer: Answer) -> Response:
        database: Database = request.app.state.database
        caller: Principal | None = request.state.caller
        async with database.unit_of_work(caller.actor if caller else None) as uow:
            request.state.uow = uow
            if caller is not None and self.needs_registered:
                await _demand_registered(uow, caller, request.app.state.is_registered)
            return await _answered(uow, request, answer)


async def _demand_registered(uow: UnitOfWork, caller: Principal, is_registered: IsRegistered) -> None:
    """`PersonNotRegistered` or `ScopeMissing` unless who acts for an office or organisation is registered."""
    if caller.role in ANSWERABLE and not await is_registered(uow, caller.person):
        raise PersonNotRegistered


async def _answered(uow: UnitOfWork, request: Request, answer: Answer) -> Response:
    keyed: Keyed | None = request.state.keyed
    if keyed is not None:
        stored = await claim_key(uow, keyed)
        if stored is not None:
            return replayed(stored)
    response = await answer(request)
    if response.status_code >= 400:
        raise RuntimeError("a handler succeeds or raises a refusal; an answer that says no would be committed")
    if keyed is not None:
        await store_answer(uow, keyed, StoredAnswer(response.status_code, bytes(response.body).decode()))
    return response


def answered(answer: StoredAnswer) -> Response:
    """The answer of a batched route, as it was stored."""
    return Response(answer.body, answer.status, media_type=JSON)


def replayed(stored: StoredAnswer) -> Response:
    """The answer of the first request with this key, marked as such."""
    return Response(stored.body, stored.status, {REPLAYED_HEADER: "true"}, JSON)


def authenticate(request: Request) -> Principal:
    """The caller that the bearer token names; `TokenMissing` or `TokenInvalid`."""
    values = request.headers.getlist("authorization")
    if not values:
        raise TokenMissing
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token:
        raise TokenInvalid
    verifier: TokenVerifier = request.app.state.tokens
    return verifier.principal_of(token)


def _refuse_unbounded_queries(route: UnitOfWorkRoute) -> None:
    """`TypeError` if a parameter takes dates or instants that later arithmetic does not survive."""
    for field in parameters(route):
        taken = cast(Any, Annotated[(field.field_info.annotation, None, *field.field_info.metadata)])
        if unbounded_times(TypeAdapter(taken).core_schema):
            raise TypeError(f"{field.alias} of {route.path}: a date in a query is a BusinessDate, a time an Instant")


class ApiRouter(APIRouter):
    """A router of `UnitOfWorkRoute`s, shown under one tag."""

    def __init__(self, prefix: str, tag: str, description: str) -> None:
        super().__init__(prefix=prefix, tags=[tag], route_class=UnitOfWorkRoute, redirect_slashes=False)
        self.tag, self.description = tag, description


def api_router(prefix: str, *, tag: str, description: str = "") -> ApiRouter:
    """A router of `UnitOfWorkRoute`s under `prefix` (`/v1/vouchers`), shown under `tag`; `description` explains it."""
    if not prefix.startswith("/v1"):
        raise ValueError("paths start with /v1")
    return ApiRouter(prefix, tag, description)
