"""The outermost layer: a request's ids and language, security headers, measurement, the answer of last resort."""

import re
import time
from uuid import UUID, uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import HostNotServed, InternalError, Overloaded, RequestMalformed, problem
from shared.kernel.errors import DomainError
from shared.observability import RequestContext, logger, tie_context
from shared.observability.context import Language
from shared.observability.metrics import count_request
from shared.settings import Settings

REQUEST_ID_HEADER = "X-Request-Id"
UNMATCHED = "unmatched"
QUIET_ROUTES = frozenset({"/livez", "/readyz"})

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""Said over TLS only, our own or a trusted proxy's: RFC 6797 §7.2 forbids it elsewhere."""

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_PORT = re.compile(r":[0-9]{1,5}\Z", re.ASCII)
_KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logger(__name__)


class Edge:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._working = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever goes wrong inside, a problem document leaves."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        context = context_of(Headers(scope=scope))
        with tie_context(context):
            await self._serve(scope, receive, send, context)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, context: RequestContext) -> None:
        started_at_s, status = time.perf_counter(), 0
        security = SECURITY_HEADERS | (STRICT_TRANSPORT if scope["scheme"] == "https" else {})

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = context.request_id
                for name, value in security.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._working += 1
            refusal = _refused(scope, self._working)
            await (self.app if refusal is None else problem(refusal))(scope, receive, send_with_headers)
        except Exception as error:
            log.exception("request failed", exc_info=error)
            if status:
                raise
            await problem(InternalError())(scope, receive, send_with_headers)
        finally:
            self._working -= 1
            _measure(scope, status, time.perf_counter() - started_at_s)


def _refused(scope: Scope, working: int) -> DomainError | None:
    """Why the application is not even asked: NUL in the address, no `Host` or two, another's, too much to do."""
    settings: Settings = scope["app"].state.settings
    hosts = Headers(scope=scope).getlist("host")
    if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b"") or len(hosts) != 1:
        return RequestMalformed()
    if _PORT.sub("", hosts[0].lower()) not in settings.http_host_names:
        return HostNotServed()
    crowded = working > settings.http_requests_most and scope["path"] not in QUIET_ROUTES
    return Overloaded() if crowded else None


def _measure(scope: Scope, status: int, seconds: float) -> None:
    route = str(getattr(scope.get("route"), "path_format", UNMATCHED))
    method = scope["method"] if scope["method"] in _KNOWN_METHODS else "other"
    count_request(method, route, status, seconds)
    if route not in QUIET_ROUTES:
        log.info("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))


def context_of(headers: Headers) -> RequestContext:
    """The request's ids and language: what the caller gives where it is well formed, otherwise fresh."""
    fresh = uuid4()
    request_id = fresh
    try:
        given = headers.get(REQUEST_ID_HEADER, "")
        request_id = UUID(given) if len(given) == 36 else fresh
    except ValueError:
        request_id = fresh
    trace = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    trace_id = trace.group(1) if trace and set(trace.group(1)) != {"0"} else request_id.hex
    return RequestContext(str(request_id), trace_id, language_of(headers.get("accept-language", "")))


def language_of(accept_language: str) -> Language:
    """English if it is preferred to Chinese, otherwise Chinese."""
    weights: dict[str, float] = {"zh": 0.0, "en": 0.0}
    for part in accept_language[:200].lower().split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.partition("-")[0]
        if primary in weights:
            weights[primary] = max(weights[primary], _weight(parameter.strip()))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(parameter: str) -> float:
    if not parameter:
        return 1.0
    found = re.fullmatch(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)", parameter)
    return float(found.group(1)) if found else 0.0
