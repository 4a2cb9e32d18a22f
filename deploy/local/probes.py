"""Asking a process over HTTP whether it is ready."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from http import HTTPStatus

from deploy.local.ports import LOOPBACK

TIMEOUT_S = 3.0


def http_ready(port: int, path: str = "/readyz") -> Callable[[], bool]:
    """A probe that is true once ``path`` on the loopback ``port`` answers 200; no proxy is ever asked."""

    def ask() -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask
