"""`/metrics` on a port of its own: who scrapes it brings a token, and the API's port never answers it."""

import hmac
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from shared.observability.metrics import CONTENT_TYPE, exposition
from shared.settings import Settings

TIMEOUT_S = 5.0
"""How long a scraper may take over its request line and headers."""


class _Handler(BaseHTTPRequestHandler):
    """`/metrics` with the token, `/livez` without. Anything else, a missing token too, is 404."""

    timeout = TIMEOUT_S
    protocol_version = "HTTP/1.0"
    server_version, sys_version = "metrics", ""
    authorization: ClassVar[bytes]

    def do_GET(self) -> None:  # the name that the base class looks for
        """Answer one scrape."""
        answers: dict[str, Callable[[], bytes]] = {"/livez": lambda: b"live"}
        if hmac.compare_digest(self.headers.get("Authorization", "").encode("latin-1", "replace"), self.authorization):
            answers["/metrics"] = exposition
        answer = answers.get(self.path)
        content = answer() if answer else b""
        self.send_response(HTTPStatus.OK if answer else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # the base class's name
        """Nothing: a request line is input."""


def serve_metrics(settings: Settings) -> ThreadingHTTPServer | None:
    """Serve this process's metrics on METRICS_PORT, on a thread, until the process ends; None if the port is 0.

    `SettingsInvalid` if there is a port and no token.
    """
    if not settings.metrics_port:
        return None
    token = settings.need_file("metrics_token_file").read_text().strip()
    handler = type("Handler", (_Handler,), {"authorization": f"Bearer {token}".encode()})
    server = ThreadingHTTPServer((settings.http_host, settings.metrics_port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
