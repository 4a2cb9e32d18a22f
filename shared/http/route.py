"""The one kind of route: authenticate, permit, open the unit of work, act, keep the answer, commit, answer.

The answer leaves only after the commit, so an error at commit is answered as what it is. (The exit of a FastAPI
dependency with `yield` runs after the answer was sent; a unit of work opened there would answer 201 and roll back.)
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from shared.http import policy
from shared.http.bodies import ReadRequest
from shared.http.field_names import calls, contract_names, query_names
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
from shared.kernel.errors import Invalid
from shared.persistence import Database, UnitOfWork, refusal_of
from shared.security import Principal, TokenInvalid, TokenMissing, TokenVerifier
from shared.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
JSON = "application/json"

Answer = Callable[[Request], Coroutine[Any, Any, Response]]


class QueryUnknown(Invalid):
    """A query parameter that the route does not take; a filter mistyped must not answer everything."""

    code = "query_unknown"
    zh, en = "含有未知的查询参数", "A query parameter is not known."


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

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        dependencies = list(options.get("dependencies") or [])
        self.permission = policy.permission_of(dependencies)
        self.batched = policy.has_trait(dependencies, policy.batched)
        methods = {method.upper() for method in options.get("methods") or ["GET"]}
        changes = not methods <= SAFE_METHODS
        self.keyed = changes and not policy.has_trait(dependencies, policy.idempotent_by_nature)
        if self.keyed and self.permission.public:
            raise TypeError("a public route changes nothing or says idempotent_by_nature")
        if self.batched and not self.keyed:
            raise TypeError("only a route that takes a key can be batched")
        options["openapi_extra"] = _described(options.get("openapi_extra"), self.permission, keyed=self.keyed)
        super().__init__(path, endpoint, **options)
        self.query_names = query_names(self)
        self.contract_names = contract_names(self)
        self.opens_unit_of_work = not self.batched and (self.keyed or _uow in calls(self))
        if self.batched and _uow in calls(self):
            raise TypeError("a batched route has no unit of work of its own")

    def get_route_handler(self) -> Answer:
        """The handler around FastAPI's own, which validates, calls the endpoint and renders.

        What the database says against it, at commit too, becomes the refusal that it stands for.
        """
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            read = ReadRequest(request.scope, request.receive)
            read.state.caller = None if self.permission.public else authenticate(request)
            if read.state.caller is not None:
                self.permission.check(read.state.caller)
            if not self.query_names.issuperset(read.query_params):
                raise QueryUnknown
            body = await read.read_within(read.app.state.settings.http_body_limit_bytes)
            read.state.keyed = self._keyed_request(read, body) if self.keyed else None
            read.parse_for(self)
            read.state.uow = None
            try:
                return await (self._in_unit_of_work(read, answer) if self.opens_unit_of_work else answer(read))
            except Exception as error:
                refusal = refusal_of(error)
                if refusal is None or refusal is error:
                    raise
                raise refusal from error

        return handle

    def _keyed_request(self, request: Request, body: bytes) -> Keyed:
        caller: Principal = request.state.caller
        hash_request: RequestHash = request.app.state.hash_request
        return Keyed(
            principal=f"{caller.role}:{caller.account}",
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
            return await _answered(uow, request, answer)


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


def _described(extra: dict[str, Any] | None, permission: policy.Permission, *, keyed: bool) -> dict[str, Any]:
    """What OpenAPI says of a route besides its models: who may call it, and the key."""
    described: dict[str, Any] = {**(extra or {})}
    if permission.roles is not None:
        described["security"] = [{"bearer": []}]
        described["x-roles"] = sorted(permission.roles)
    if keyed:
        schema = {"type": "string", "minLength": 1, "maxLength": 128}
        header = {"name": HEADER, "in": "header", "required": True, "schema": schema}
        described["parameters"] = [*described.get("parameters", []), header]
    return described


def api_router(prefix: str, *, tag: str) -> APIRouter:
    """A router of `UnitOfWorkRoute`s under `prefix` (`/v1/vouchers`), shown under `tag`."""
    if not prefix.startswith("/v1"):
        raise ValueError("paths start with /v1")
    return APIRouter(prefix=prefix, tags=[tag], route_class=UnitOfWorkRoute, redirect_slashes=False)
