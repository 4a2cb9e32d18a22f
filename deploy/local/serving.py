"""Serving the two small processes that stand for the world outside: the bank and the token issuer."""

from __future__ import annotations

from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.ports import LOOPBACK
from shared.observability import configure_logs

GRACEFUL_SHUTDOWN_S = 2


def create_outsider(*routes: Route) -> Starlette:
    """An application of these routes and ``/readyz``; errors are ``{"code": ...}`` and never echo what was sent."""
    return Starlette(
        routes=[*routes, Route("/readyz", _ready)],
        exception_handlers={HTTPException: _on_http_exception},
    )


def refusal(status: HTTPStatus, code: str) -> JSONResponse:
    """The answer to a request that is not granted."""
    return JSONResponse({"code": code}, status)


def serve(application: Starlette, *, name: str, port: int, host: str = LOOPBACK) -> None:
    """Serve ``application`` until SIGTERM or SIGINT; its logs go to standard output."""
    configure_logs(name)
    uvicorn.run(
        application,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )


async def _ready(_request: Request) -> Response:
    return JSONResponse({"status": "ready"})


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    return refusal(status, status.name.lower())
