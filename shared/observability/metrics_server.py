"""`/metrics` on a port of its own: who scrapes it brings a token, and the API's port never answers it."""

import hmac
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from shared import __version__
from shared.observability.metrics import CONTENT_TYPE, exposition, late_parts, set_build
from shared.settings import Settings

TIMEOUT_S = 5.0
"""How long a scraper may take over its request line and headers."""
LATE_S = 90.0
"""A part of a worker process that has had no turn for so long makes no progress; no turn of a timer takes longer."""


class _Handler(BaseHTTPRequestHandler):
    """`/metrics` with the token, `/livez` and `/readyz` without. Anything else, a missing token too, is 404."""

    timeout = TIMEOUT_S
    protocol_version = "HTTP/1.0"
    server_version, sys_version = "metrics", ""
    authorization: ClassVar[bytes]

    def do_GET(self) -> None:  # the name that the base class looks for
        """Answer one scrape, or one probe."""
        status, content = HTTPStatus.OK, b""
        if self.path == "/livez":
            content = b"live"
        elif self.path == "/readyz":
            late = late_parts(LATE_S)
            status = HTTPStatus.SERVICE_UNAVAILABLE if late else HTTPStatus.OK
            content = f"no progress: {', '.join(late)}".encode() if late else b"ready"
        elif self.path == "/metrics" and self._may_scrape():
            content = exposition()
        else:
            status = HTTPStatus.NOT_FOUND
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _may_scrape(self) -> bool:
        sent = self.headers.get("Authorization", "").encode("latin-1", "replace")
        return hmac.compare_digest(sent, self.authorization)

    def log_message(self, format: str, *args: object) -> None:  # the base class's name
        """Nothing: a request line is input."""


def serve_metrics(service: str, settings: Settings) -> ThreadingHTTPServer | None:
    """Serve this process's metrics on METRICS_PORT, on a thread, until the process ends; None if the port is 0.

    `SettingsInvalid` if there is a port and no token.
    """
    set_build(service, __version__)
    if not settings.metrics_port:
        return None
    token = settings.need_file("metrics_token_file").read_text().strip()
    handler = type("Handler", (_Handler,), {"authorization": f"Bearer {token}".encode()})
    server = ThreadingHTTPServer((settings.http_host, settings.metrics_port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
