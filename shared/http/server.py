"""The process that serves an application: uvicorn on uvloop, no access log, a heap frozen after start-up."""

import gc
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from uvicorn.importer import import_from_string

from shared.http.connection import bounded_by
from shared.observability import configure_logs, logger
from shared.observability.metrics_server import serve_metrics
from shared.settings import Settings

GRACEFUL_SHUTDOWN_S = 20
BACKLOG = 1_024
GC_THRESHOLDS = (20_000, 50, 50)
"""Rarer collections: what lives for one request dies by reference counting anyway."""

log = logger(__name__)


def freeze_heap() -> None:
    """Take everything made at start-up out of the garbage collector's sight, and have it run more rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        freeze_heap()
        log.info("serving", host=self.config.host, port=self.config.port)


def serve(factory: str | Callable[[], FastAPI], settings: Settings) -> None:
    """Serve the application that `factory`, or what this import path names, makes; until SIGTERM or SIGINT.

    Open requests are finished within 20 seconds. There is no access log: its lines would hold query strings.
    """
    application: FastAPI = (import_from_string(factory) if isinstance(factory, str) else factory)()
    configure_logs(application.state.service, settings.log_level)
    serve_metrics(application.state.service, settings)
    config = uvicorn.Config(
        application,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http=bounded_by(settings),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.http_trusted_proxies),
        forwarded_allow_ips=settings.http_trusted_proxies,
        backlog=BACKLOG,
        timeout_keep_alive=settings.http_idle_timeout_s,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )
    _Server(config).run()
