"""The sandbox bank as tests see it: the client under test, and the bank's own book beside it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx

from services.payout.bank.domain import Answer, BankAnswer
from services.payout.bank.service import Bank
from services.payout.instructions.domain import DueCall, Reply


class SandboxBank:
    """A running sandbox bank; `client` is payout's own client of it, over `http`."""

    def __init__(self, client: httpx.AsyncClient, process: "subprocess.Popen[bytes]") -> None:
        self.http = client
        self._process = process
        self.client = Bank(client)

    async def wait_until_open(self) -> None:
        """Wait until the bank answers, ten seconds at the longest."""
        for _ in range(200):
            try:
                if (await self.http.get("/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
        raise AssertionError("the bank did not open")

    async def misbehave(self, **faults: Any) -> None:
        """Have the bank lose, delay or refuse, as its `/faults` says."""
        answer = await self.http.post("/faults", json=faults)
        assert answer.status_code == httpx.codes.OK, answer.text

    async def book(self) -> dict[str, int]:
        """The bank's own sums: accepted, and of it paid and failed, fen."""
        book: dict[str, int] = (await self.http.get("/book")).json()
        return book

    async def give_back(self, payout_id: UUID, code: str) -> None:
        """Have the bank return what it paid for a payout."""
        answer = await self.http.post("/returns", json={"reference": str(payout_id), "code": code})
        assert answer.status_code == httpx.codes.CREATED, answer.text

    async def reports(self) -> list[dict[str, Any]]:
        """The returns that the bank goes on to report."""
        reports: list[dict[str, Any]] = (await self.http.get("/returns")).json()["returns"]
        return reports

    def close_down(self) -> None:
        """Kill the bank."""
        self._process.kill()
        self._process.wait()

    async def put(self, instruction_id: UUID, content: dict[str, Any]) -> int:
        """Instruct the bank beside payout; the status of its answer."""
        return (await self.http.put(f"/instructions/{instruction_id}", json=content)).status_code

    async def take(self, file: bytes) -> bytes:
        """Hand the bank a file, as an officer does; its report on that."""
        answer = await self.http.post("/files", content=file)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.content

    @staticmethod
    def reply(due: DueCall, answer: Answer) -> Reply:
        """What a call would have brought."""
        return Reply(due, BankAnswer(answer), given=True)


@asynccontextmanager
async def client_of_a_bank_that_says(body: bytes, *, status: int = httpx.codes.OK) -> AsyncIterator[Bank]:
    """A client of a bank that answers everything with `body`."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, content=body))
    async with httpx.AsyncClient(base_url="http://bank", transport=transport) as client:
        yield Bank(client)
