"""The sandbox bank: every instruction at most once, in its own durable book, on its bad days too."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.bank import FAILING_SUFFIX, bank_command
from deploy.local.bank_book import Book, Instruction
from deploy.local.ports import LOOPBACK, random_free
from deploy.local.probes import http_ready
from deploy.local.processes import Daemon

PROJECT = Path(__file__).resolve().parents[2]
ACCOUNT = "6222021234567890123"
START_SECONDS = 30.0


class RunningBank:
    """The bank as a process of its own, and a client that has little patience."""

    def __init__(self, directory: Path) -> None:
        port = random_free()
        self.log_file = directory / "bank.log"
        self.book = directory / "bank.sqlite"
        command = bank_command(
            project=PROJECT, port=port, book=self.book, log_file=self.log_file, options=("--settle-ms", "0")
        )
        self.process = Daemon(command, http_ready(port))
        self.client = httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=2, trust_env=False)

    async def instruct(self, number: UUID, **changes: Any) -> httpx.Response:
        return await self.client.put(f"/instructions/{number}", json=instruction(**changes))

    async def misbehave(self, **faults: Any) -> None:
        (await self.client.post("/faults", json=faults)).raise_for_status()

    async def book_summary(self) -> dict[str, int]:
        summary: dict[str, int] = (await self.client.get("/book")).json()
        return summary


def instruction(**changes: Any) -> dict[str, Any]:
    """A good instruction, but for these changes."""
    good = {
        "account_name": "平顶山市职业培训学校",
        "account_number": ACCOUNT,
        "bank_code": "102100099996",
        "amount_fen": 120_000,
        "currency": "CNY",
        "reference": "P-2026-000001",
    }
    return good | changes


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[RunningBank]:
    running = RunningBank(tmp_path)
    running.process.start(START_SECONDS)
    yield running
    await running.client.aclose()
    running.process.stop()


async def test_an_instruction_is_accepted_once_and_repeated_freely(bank: RunningBank) -> None:
    number = uuid4()
    assert (await bank.client.get(f"/instructions/{number}")).status_code == 404
    await bank.misbehave(settle_ms=60_000)
    first, again = await bank.instruct(number), await bank.instruct(number)
    assert (first.status_code, first.json()) == (202, {"instruction_id": str(number), "status": "accepted"})
    assert (again.status_code, again.json()) == (202, first.json())
    sums = {"accepted_fen": 120_000, "paid_fen": 0, "failed_fen": 0, "returned_fen": 0}
    assert await bank.book_summary() == {"instructions": 1, **sums}


async def test_the_same_id_with_another_content_is_refused(bank: RunningBank) -> None:
    number = uuid4()
    await bank.instruct(number)
    for change in ({"amount_fen": 120_001}, {"account_number": "6222021234567890124"}, {"reference": "P-2"}):
        refused = await bank.instruct(number, **change)
        assert (refused.status_code, refused.json()) == (409, {"code": "instruction_differs"})
    assert (await bank.client.get(f"/instructions/{number}")).json()["status"] == "paid"
    assert (await bank.book_summary())["accepted_fen"] == 120_000


async def test_of_many_at_once_one_is_accepted(bank: RunningBank) -> None:
    number = uuid4()
    answers = await asyncio.gather(*(bank.instruct(number, amount_fen=100 + at % 5) for at in range(40)))
    assert sorted({answer.status_code for answer in answers}) == [202, 409]
    accepted = [at % 5 for at, answer in enumerate(answers) if answer.status_code == 202]
    assert len(accepted) == 8
    assert len(set(accepted)) == 1
    assert (await bank.book_summary())["instructions"] == 1


async def test_an_account_that_cannot_be_paid_fails_with_its_reason(bank: RunningBank) -> None:
    number = uuid4()
    await bank.instruct(number, account_number=f"6222021234567{FAILING_SUFFIX}")
    answer = (await bank.client.get(f"/instructions/{number}")).json()
    assert answer == {"instruction_id": str(number), "status": "failed", "reason": "account_closed"}
    assert (await bank.book_summary())["failed_fen"] == 120_000


async def test_a_lost_answer_leaves_an_accepted_instruction_that_survives_a_kill(bank: RunningBank) -> None:
    number = uuid4()
    await bank.misbehave(lose_answers=1)
    with pytest.raises(httpx.ReadTimeout):
        await bank.instruct(number)
    bank.process.kill()
    bank.process.start(START_SECONDS)
    assert (await bank.client.get(f"/instructions/{number}")).json()["status"] == "paid"
    assert (await bank.instruct(number)).status_code == 202
    assert (await bank.book_summary())["instructions"] == 1


async def test_a_lost_request_was_never_accepted(bank: RunningBank) -> None:
    number = uuid4()
    await bank.misbehave(lose_requests=1)
    with pytest.raises(httpx.ReadTimeout):
        await bank.instruct(number)
    assert (await bank.client.get(f"/instructions/{number}")).json() == {"code": "instruction_unknown"}
    assert (await bank.instruct(number)).status_code == 202


async def test_a_refusal_writes_nothing(bank: RunningBank) -> None:
    number = uuid4()
    await bank.misbehave(refuse=2)
    for _ in range(2):
        assert (await bank.instruct(number)).status_code == 503
    assert (await bank.book_summary())["instructions"] == 0
    assert (await bank.instruct(number)).status_code == 202


async def test_what_is_no_instruction_is_refused_without_an_echo(bank: RunningBank) -> None:
    wrong: list[dict[str, Any]] = [{"amount_fen": 0}, {"amount_fen": 12.5}, {"amount_fen": True}, {"currency": "USD"}]
    for change in (*wrong, {"account_number": "x"}, {"extra": 1}):
        refused = await bank.instruct(uuid4(), **change)
        assert (refused.status_code, refused.json()) == (422, {"code": "instruction_invalid"}), change
    assert (await bank.book_summary())["instructions"] == 0


async def test_unknown_faults_and_addresses_are_refused(bank: RunningBank) -> None:
    assert (await bank.client.post("/faults", json={"lose_anwsers": 1})).status_code == 422
    assert (await bank.client.get("/instructions/not-a-number")).json() == {"code": "not_found"}


async def test_what_was_paid_is_given_back_once_and_reported_until_that_is_acknowledged(bank: RunningBank) -> None:
    number, body = uuid4(), {"reference": "P-2026-000001", "code": "account_name_wrong"}
    assert (await bank.client.post("/returns", json=body)).json() == {"code": "nothing_paid"}
    await bank.instruct(number)
    given_back = await bank.client.post("/returns", json=body)
    assert (given_back.status_code, given_back.json()) == (201, {"reference": f"R-{number}"})
    assert (await bank.client.post("/returns", json=body)).status_code == 404
    report = {"reference": f"R-{number}", "instruction_id": str(number), "amount_fen": 120_000, "code": body["code"]}
    for _ in range(2):
        assert (await bank.client.get("/returns")).json() == {"returns": [report]}
    for _ in range(2):
        assert (await bank.client.post(f"/returns/R-{number}/acknowledgements")).status_code == 204
    assert (await bank.client.get("/returns")).json() == {"returns": []}
    assert (await bank.client.post("/returns/R-1/acknowledgements")).status_code == 404
    assert (await bank.book_summary())["returned_fen"] == 120_000


async def test_neither_log_nor_book_holds_an_account(bank: RunningBank) -> None:
    for account in (ACCOUNT, "12345678"):
        await bank.instruct(uuid4(), account_number=account, account_name="王小明")
        await bank.instruct(uuid4(), account_number=account, currency="USD")
    assert "instructed" in bank.log_file.read_text()
    written = bank.log_file.read_bytes() + b"".join(
        path.read_bytes() for path in bank.book.parent.glob(f"{bank.book.name}*")
    )
    for secret in (ACCOUNT, "12345678", "王小明"):
        assert secret.encode() not in written


def test_what_was_accepted_can_be_neither_changed_nor_removed(tmp_path: Path) -> None:
    path = tmp_path / "book.sqlite"
    book = Book(path)
    book.accept(uuid4(), Instruction.model_validate(instruction()), settle_ms=0, failing=False)
    stranger = sqlite3.connect(path)
    for statement in ("DELETE FROM instructions", "UPDATE instructions SET amount_fen = 1"):
        with pytest.raises(sqlite3.IntegrityError, match="an accepted instruction"):
            stranger.execute(statement)
    stranger.close()
    assert book.summary().paid_fen == 120_000
    book.close()
