"""A stranger's sockets before the running edge: what was never authenticated takes neither memory nor connections."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import LOOPBACK, random_free
from shared.security import key_set_json, new_key_pair
from tests.keys import all_keys

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 30.0
ANSWER_LIMIT_S = 20.0
HEAD_LIMIT_BYTES = 4_096
CONNECTIONS_MOST = 40
REQUESTS_MOST = 3
MIB = 1024 * 1024
PROGRAM = """
import asyncio
from fastapi import FastAPI, Request
from shared.http import Allow, Public, Role, api_router, create_app, serve
from shared.settings import Settings

router = api_router("/v1/rooms", tag="rooms")

@router.get("", dependencies=[Public])
async def rooms(request: Request) -> dict[str, str | None]:
    return {"scheme": request.url.scheme, "client": request.client.host if request.client else None}

@router.get("/slow", dependencies=[Public])
async def slow_rooms() -> dict[str, str]:
    await asyncio.sleep(3)
    return {}

@router.get("/large", dependencies=[Public])
async def large_rooms() -> dict[str, str]:
    return {"room": "x" * 20_000_000}

@router.post("", dependencies=[Allow(Role.WORKER)])
async def build_room() -> dict[str, str]:
    return {}

async def everybody(uow: object, person_id: object) -> bool:
    return True

def app() -> FastAPI:
    return create_app(service="probe", title="Rooms", routers=[router], is_registered=everybody)

serve(app, Settings.from_environment())
"""


@dataclass(frozen=True)
class Edge:
    """A served process."""

    port: int
    pid: int

    def connect(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection((LOOPBACK, self.port), timeout=ANSWER_LIMIT_S)

    @contextmanager
    def connections(self, count: int) -> Iterator[list[socket.socket]]:
        """So many connections at a time."""
        with ExitStack() as held:
            yield [held.enter_context(self.connect()) for _ in range(count)]

    def ask(self, *sent: bytes) -> bytes:
        """What is answered to these bytes until the connection ends; nothing if it is broken off."""
        with self.connect() as connection:
            try:
                for part in sent:
                    connection.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return read_all(connection)

    def get(self, path: str = "/v1/rooms", **headers: str) -> httpx.Response:
        """An honest request."""
        return httpx.get(f"http://{LOOPBACK}:{self.port}{path}", headers=headers, timeout=ANSWER_LIMIT_S)

    @property
    def resident_bytes(self) -> int:
        """How much memory the process holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def read_all(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; what came before it is broken off."""
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        pass
    return received


def refusal(answer: bytes) -> tuple[int, str]:
    """Status and code of a refusal."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return int(head.split()[1]), str(json.loads(body)["code"])


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """A process with small limits; it trusts a proxy at 127.0.0.9."""
    keys = tmp_path_factory.mktemp("edge") / "jwks.json"
    keys.write_text(key_set_json([new_key_pair("a")[1]]))
    port = random_free()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SKILL_VOUCHER_")},
        "PYTHONPATH": str(ROOT), "SKILL_VOUCHER_PROFILE": "test", "SKILL_VOUCHER_HTTP_PORT": str(port),
        "SKILL_VOUCHER_EVENT_KEY_FILE": str(all_keys().events("probe")),
        "SKILL_VOUCHER_DATABASE_URL": "postgresql+asyncpg://nobody:nothing@127.0.0.1:1/none",
        "SKILL_VOUCHER_TOKEN_ISSUER": "https://issuer.test", "SKILL_VOUCHER_TOKEN_JWKS_FILE": str(keys),
        "SKILL_VOUCHER_HTTP_HEAD_LIMIT_BYTES": str(HEAD_LIMIT_BYTES), "SKILL_VOUCHER_HTTP_HEAD_TIMEOUT_S": "1",
        "SKILL_VOUCHER_HTTP_BODY_TIMEOUT_S": "1",
        "SKILL_VOUCHER_HTTP_IDLE_TIMEOUT_S": "2", "SKILL_VOUCHER_HTTP_CONNECTIONS_MOST": str(CONNECTIONS_MOST),
        "SKILL_VOUCHER_HTTP_REQUESTS_MOST": str(REQUESTS_MOST), "SKILL_VOUCHER_HTTP_TRUSTED_PROXIES": "127.0.0.9",
    }  # fmt: skip
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        found, deadline_s = Edge(port, process.pid), time.monotonic() + START_LIMIT_S
        while True:
            try:
                found.get("/livez")
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline_s
                time.sleep(0.1)
        yield found
    finally:
        process.kill()
        process.wait()


ENDLESS: dict[str, Sequence[bytes]] = {
    "a request line": [b"GET /", b"a" * 65_536],
    "a header": [b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\nX: ", b"a" * 65_536],
    "headers": [b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\n", b"a: b\r\n" * 10_000],
    "trailers": [
        b"POST /v1/rooms HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n" * 10_000
    ],
    "a trailer": [
        b"POST /v1/rooms HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: ", b"a" * 65_536
    ],
    "an extension of a chunk": [
        b"POST /v1/rooms HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;", b"a" * 65_536
    ],
}  # fmt: skip


@pytest.mark.parametrize("what", ENDLESS)
def test_a_head_without_end_is_refused_and_takes_no_memory(edge: Edge, what: str) -> None:
    before = edge.resident_bytes
    first, again = ENDLESS[what]
    answers = [edge.ask(first, *[again] * 160) for _ in range(10)]
    assert edge.resident_bytes - before < 20 * MIB, "100 MiB were sent"
    assert all(len(answer) < 4_096 for answer in answers)
    for answer in answers:  # a kernel that is sent more than is read may break off before the answer is read
        assert answer[9:12] in {b"", b"401", b"431"}, answer
    assert edge.get().status_code == 200


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * HEAD_LIMIT_BYTES, 431, "head_too_large"),
        (b"GET /" + b"a" * HEAD_LIMIT_BYTES, 431, "head_too_large"),
        (b"no http at all\r\n\r\n", 400, "request_malformed"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "request_malformed"),
        (b"GET /v1/rooms HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "request_malformed"),
        (b"GET /v1/rooms HTTP/1.1\r\nHost: attacker.test\r\nConnection: close\r\n\r\n", 421, "host_not_served"),
    ],
)  # fmt: skip
def test_a_refusal_before_any_request_is_a_problem_document(edge: Edge, sent: bytes, status: int, code: str) -> None:
    assert refusal(edge.ask(sent)) == (status, code)


def test_the_longest_head_is_read(edge: Edge) -> None:
    line = b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: "
    answer = edge.ask(line + b"a" * (HEAD_LIMIT_BYTES - len(line) - 4) + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")


SILENT = {
    "nothing": b"",
    "half a head": b"GET /v1/rooms HTTP/1.1\r\nHost: local",
    "blank lines": b"\r\n\r\n",
    "half a second head": b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\n\r\nGET",
    "a blank line after an answer": b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n",
    "half a body of a stranger": b"POST /v1/rooms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    "half an upgrade": b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\nPRI",
}


@pytest.mark.parametrize("what", SILENT)
def test_who_says_half_is_not_waited_for(edge: Edge, what: str) -> None:
    with edge.connect() as connection:
        connection.sendall(SILENT[what])
        read_all(connection)  # a connection that stays open fails here, by its own time limit


@pytest.mark.parametrize("head", [b"GET /v1/rooms HTTP/1.1\r\nX: ", b"POST /v1/rooms HTTP/1.1\r\nHost: localhost\r\n"
                                  b"Content-Length: 1000000\r\n\r\n"])  # fmt: skip
def test_who_drips_is_not_waited_for(edge: Edge, head: bytes) -> None:
    with edge.connect() as connection, pytest.raises((BrokenPipeError, ConnectionResetError)):
        connection.sendall(head)
        for _ in range(100):
            time.sleep(0.1)
            connection.sendall(b"a")


def test_a_late_body_is_refused(edge: Edge) -> None:
    sent = b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{"
    assert refusal(edge.ask(sent)) == (408, "body_too_slow")


def test_who_does_not_read_is_given_up(edge: Edge) -> None:
    with edge.connections(8) as connections:
        for connection in connections:
            connection.sendall(b"GET /v1/rooms/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            time.sleep(0.3)  # one after the other, so that none of them is above the limit of requests
        time.sleep(3)
        for connection in connections:
            answer = read_all(connection)  # what had come before it was broken off, or nothing
            assert len(answer) < 20_000_000
            assert b"overloaded" not in answer


def test_requests_in_a_row_are_answered_and_a_flood_of_them_is_not(edge: Edge) -> None:
    request = b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert edge.ask(request * 3 + last).count(b"HTTP/1.1 200") == 4
    before = edge.resident_bytes
    assert edge.ask(*[request * 1_000] * 50).count(b"HTTP/1.1 200") < 100
    assert edge.resident_bytes - before < 20 * MIB


def test_half_open_connections_leave_room_again(edge: Edge) -> None:
    with edge.connections(CONNECTIONS_MOST) as held:
        with edge.connect() as above:
            assert refusal(read_all(above)) == (503, "too_many_connections")
        for connection in held:
            read_all(connection)
        assert edge.get().status_code == 200


def test_requests_above_the_limit_are_refused(edge: Edge) -> None:
    with edge.connections(REQUESTS_MOST) as working:
        for connection in working:
            connection.sendall(b"GET /v1/rooms/slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        time.sleep(1)
        above = edge.get()
        assert (above.status_code, above.json()["code"], above.headers["retry-after"]) == (503, "overloaded", "1")
        assert edge.get("/livez").status_code == 200, "who watches the process is not sent away"
        assert all(read_all(connection).startswith(b"HTTP/1.1 200") for connection in working)
    assert edge.get().status_code == 200


def test_only_a_trusted_proxy_says_who_asks_and_how(edge: Edge) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    direct = edge.get(**forwarded)
    assert direct.json() == {"scheme": "http", "client": LOOPBACK}
    assert "strict-transport-security" not in direct.headers
    transport = httpx.HTTPTransport(local_address="127.0.0.9")
    with httpx.Client(transport=transport) as proxy:
        through = proxy.get(f"http://{LOOPBACK}:{edge.port}/v1/rooms", headers=forwarded)
    assert through.json() == {"scheme": "https", "client": "203.0.113.7"}
    assert "strict-transport-security" in through.headers
