"""An HTTP client that costs next to nothing, in a process of its own, so that the server has the machine."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import uvloop

from deploy.local.ports import LOOPBACK

ANSWER_LIMIT_S = 30.0


@dataclass(frozen=True)
class Load:
    """What came of the requests: seconds from the first to the last answer, and each one's status and seconds."""

    seconds: float
    statuses: list[int]
    latencies_s: list[float]


def post(path: str, token: str, key: str, body: object) -> bytes:
    """A POST as it goes over the wire."""
    content = json.dumps(body, ensure_ascii=False).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def send_all(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send the requests over keep-alive connections from another process; each takes the next when it has an answer."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, _client, port, list(requests), connections)


def _client(port: int, requests: list[bytes], connections: int) -> Load:
    return uvloop.run(_send_all(port, requests, connections))


async def _send_all(port: int, requests: list[bytes], connections: int) -> Load:
    waiting = deque(requests)
    load = Load(0.0, [], [])
    streams = [await asyncio.open_connection(LOOPBACK, port) for _ in range(connections)]
    started = time.perf_counter()
    await asyncio.gather(*(_take(reader, writer, waiting, load) for reader, writer in streams))
    seconds = time.perf_counter() - started
    for _, writer in streams:
        writer.close()
    return Load(seconds, load.statuses, load.latencies_s)


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: deque[bytes], load: Load) -> None:
    while waiting:
        sent = time.perf_counter()
        writer.write(waiting.popleft())
        async with asyncio.timeout(ANSWER_LIMIT_S):
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(_length(head))
        load.latencies_s.append(time.perf_counter() - sent)
        load.statuses.append(int(head[9:12]))


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
