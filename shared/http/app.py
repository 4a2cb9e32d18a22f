"""The application of a service: its routes behind the same frame as everybody's."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Route

from shared.http.edge import Edge
from shared.http.health import health_router
from shared.http.idempotency import request_hasher
from shared.http.openapi import describe, info_of, read_examples, tags_of
from shared.http.problems import on_http_exception, on_invalid, on_refusal
from shared.http.rates import RateLimiter
from shared.http.route import ApiRouter, IsRegistered, UnitOfWorkRoute
from shared.kernel.errors import DomainError
from shared.messaging.wakeup import OutboxWaker
from shared.observability.metrics import watch_pool
from shared.persistence import Database
from shared.security import TokenVerifier
from shared.settings import Settings

Resource = Callable[[FastAPI], AbstractAsyncContextManager[None]]
"""Something that lives as long as the application: opened after the database, closed before it."""

_NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI's own telemetry records bodies and validation errors, which hold personal data."""


class ServiceApp(FastAPI):
    """FastAPI whose OpenAPI document keeps the wire convention."""

    api_routers: Sequence[ApiRouter] = ()
    examples: Path | None = None

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document, made once."""
        if self.openapi_schema is None:
            describe(super().openapi(), self.api_routers, read_examples(self.examples))
        return super().openapi()

    def methods_at(self, path: str) -> list[str]:
        """Every method that some route takes at `path`, sorted."""
        routes = [*self.routes, *(route for router in (health_router, *self.api_routers) for route in router.routes)]
        at_path = [route for route in routes if isinstance(route, Route) and route.path_regex.match(path)]
        return sorted({method for route in at_path for method in route.methods or ()})


def create_app(
    *,
    service: str,
    title: str,
    routers: Sequence[ApiRouter],
    is_registered: IsRegistered,
    settings: Settings | None = None,
    database: Database | None = None,
    tokens: TokenVerifier | None = None,
    resources: Sequence[Resource] = (),
    version: str = "1.0.0",
    examples: Path | None = None,
) -> FastAPI:
    """The application of `service`.

    What is not given is read from the environment when the application starts, not before, so that its OpenAPI document
    can be made anywhere. Settings and keys are the application's own, whoever else runs in the same process; `examples`
    is the file of the examples that the document shows. `is_registered` says whether a person who would answer for an
    office or an organisation is known. `TypeError` if a route says neither `Allow(...)` nor `Public`.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        state.settings = settings or Settings.from_environment()
        state.lookups = RateLimiter(state.settings.http_lookups_per_minute)
        state.hash_request = request_hasher(state.settings)
        state.tokens = tokens or TokenVerifier.from_settings(state.settings)
        async with AsyncExitStack() as stack:
            state.database = (database or await _open_database(stack, state.settings, service)).under(state.settings)
            state.database.check_keys(consumes=False)
            for resource in resources:
                await stack.enter_async_context(resource(app))
            yield

    for router in routers:
        check_routes(router)
    app = ServiceApp(
        title=title,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_tags=tags_of(routers),
        **info_of(service),
        telemetry=_NO_TELEMETRY,
    )
    app.api_routers, app.examples = routers, examples
    app.state.service, app.state.is_registered = service, is_registered
    app.add_middleware(Edge)
    app.add_exception_handler(DomainError, on_refusal)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.include_router(health_router)
    for router in routers:
        app.include_router(router)
    return app


async def _open_database(stack: AsyncExitStack, settings: Settings, service: str) -> Database:
    """The application's own database, whose commits wake the relay; closed with `stack`."""
    url = settings.need_text("database_url")
    database = Database(url, application_name=f"skill-voucher {service} api")
    stack.push_async_callback(database.close)
    watch_pool(*database.pool())
    waker = OutboxWaker(url)
    stack.push_async_callback(waker.close)
    database.after_events(waker.wake)
    return database


def check_routes(router: APIRouter) -> None:
    """Deny by default: `TypeError` if `router` holds anything but routes that say who may call them."""
    for route in router.routes:
        if not isinstance(route, UnitOfWorkRoute):
            name = route.path if isinstance(route, APIRoute) else type(route).__name__
            raise TypeError(f"{name} is no route of an api_router, so nothing says who may call it")
