"""The bank's counter as tests see it: the client under test, and the bank's own book beside it."""

import asyncio
import subprocess
from typing import Any

import httpx

from services.payout.bank import Bank


class BankCounter:
    """A running sandbox bank: `office` is payout's own client of it."""

    def __init__(self, client: httpx.AsyncClient, process: "subprocess.Popen[bytes]") -> None:
        self._client = client
        self._process = process
        self.office = Bank(client)

    async def wait_until_open(self) -> None:
        """Wait until the bank answers, ten seconds at the longest."""
        for _ in range(200):
            try:
                if (await self._client.get("/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
        raise AssertionError("the bank did not open")

    async def misbehave(self, **faults: Any) -> None:
        """Have the bank lose, delay or refuse, as its `/faults` says."""
        answer = await self._client.post("/faults", json=faults)
        assert answer.status_code == httpx.codes.OK, answer.text

    async def book(self) -> dict[str, int]:
        """The bank's own sums: accepted, and of it paid and failed, fen."""
        book: dict[str, int] = (await self._client.get("/book")).json()
        return book

    def close_down(self) -> None:
        """Kill the bank."""
        self._process.kill()
        self._process.wait()
