"""Examples of every operation: what a scenario really sent and was answered, kept beside the service and published.

A `test_examples.py` of each service plays one scenario through its API client while a recorder listens. The first
success of each operation is its example; what differs from run to run is put in stable words first. The test compares
with `services/<service>/examples.json`; `make examples` writes it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from deploy.documents import PROJECT, openapi_document

NOON = datetime(2036, 5, 19, 4, 0, tzinfo=UTC)
"""Business time of every scenario: noon of a Monday, far ahead since business time never goes back; for an hour."""

_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_JWS = re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")
_SHORT_JWS = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwIn0.c2lnbmF0dXJl"
_CURSOR = "MTowMTlhOGQ1ZS0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDE"
_SUCCESS = range(200, 300)

Words = Callable[[str], str]


class Recorder:
    """Listens to API clients of one service and keeps the first success of each operation."""

    def __init__(self, service: str, *, write: bool, fixed: Mapping[str, Any]) -> None:
        self._path = PROJECT / "services" / service / "examples.json"
        self._write = write
        self._fixed = fixed
        self._began_at = datetime.now(UTC)
        self._operations = {
            (method.upper(), re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))): operation["operationId"]
            for path, operations in openapi_document(service)["paths"].items()
            for method, operation in operations.items()
        }
        self._found: dict[str, dict[str, Any]] = {}

    def listen(self, client: httpx.AsyncClient) -> None:
        """Record what `client` sends and is answered from now on."""
        client.event_hooks = {"response": [self._record]}

    async def _record(self, response: httpx.Response) -> None:
        request = response.request
        await response.aread()
        matches = [
            (len(match.groupdict()), operation, match.groupdict())
            for (method, path), operation in self._operations.items()
            if method == request.method and (match := path.fullmatch(request.url.path))
        ]
        if response.status_code not in _SUCCESS or not matches:
            return
        _, operation, parameters = min(matches, key=lambda found: found[0])
        example = {"path": parameters, "query": dict(request.url.params), "status": response.status_code}
        if request.content.strip():
            example["body"] = json.loads(request.content)
        self._found.setdefault(
            operation,
            {**example, "answer": response.json() if "json" in response.headers["content-type"] else response.text},
        )

    def forget(self, operation: str) -> None:
        """Take a later success of this operation for its example."""
        self._found.pop(operation)

    def check(self) -> None:
        """Every operation has an example, and it is the one that is kept; writes it instead if that was asked."""
        missing = sorted(set(self._operations.values()) - self._found.keys())
        assert missing == [], f"the scenario leaves out {missing}"
        stable = {name: _Stable(self._began_at, self._fixed)(self._found[name]) for name in sorted(self._found)}
        text = json.dumps(stable, ensure_ascii=False, indent=1) + "\n"
        if self._write:
            self._path.write_text(text, encoding="utf-8")
        assert self._path.read_text(encoding="utf-8") == text, "run `make examples`, and look at what differs"


class _Stable:
    """Puts what differs from run to run in stable words: ids and digests by the order in which they appear."""

    def __init__(self, began_at: datetime, fixed: Mapping[str, Any]) -> None:
        self._began_at = began_at
        self._fixed = fixed
        self._seen: dict[str, str] = {}

    def __call__(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [self(part, name) for part in value]
        if value is not None and name in self._fixed:
            return self._fixed[name]
        if not isinstance(value, str):
            return value
        if name in {"cursor", "next_cursor"}:
            return _CURSOR
        text = _JWS.sub(_SHORT_JWS, value)
        text = _UUID.sub(self._word(lambda count: f"019a8d5e-0000-7000-8000-{count:012d}"), text)
        text = _DIGEST.sub(self._word(lambda count: hashlib.sha256(str(count).encode()).hexdigest()), text)
        return _INSTANT.sub(self._hour, text)

    def _word(self, make: Callable[[int], str]) -> Callable[[re.Match[str]], str]:
        return lambda match: self._seen.setdefault(match[0], make(len(self._seen) + 1))

    def _hour(self, match: re.Match[str]) -> str:
        """The hour, or the end of it; of an instant by the real clock, business time's."""
        at = datetime.fromisoformat(match[0]).astimezone(UTC)
        shown = NOON if self._began_at <= at <= datetime.now(UTC) else at
        return shown.strftime("%Y-%m-%dT%H:00:00Z" if shown.minute < 59 else "%Y-%m-%dT%H:%M:%SZ")
