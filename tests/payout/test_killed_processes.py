"""The worker is killed at every statement, and on either side of every call of the bank: nobody is paid twice."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from deploy.local.bank import Bank as Counter
from deploy.local.bank import Faults
from deploy.local.bank_book import Book
from services.payout.payouts.domain import PayoutState
from tests.payout.bank_reports.reports import confirm, in_file, reported, states, upload
from tests.payout.funds.test_funds import RATE_FEN, figures, ledger_agrees
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import Scenario
from tests.payout.steps import advance

COUNT = 3
Live: TypeAlias = Callable[[int], Awaitable[str]]
"""A child lives so many steps; how it ended."""
STEPS_MOST = 400
LIMIT_S = 30


@contextlib.asynccontextmanager
async def mortal(scenario: Scenario, act: str, bank_url: str = "") -> AsyncIterator[Live]:
    """A process whose children die; calling it with a number of steps says how its child ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.payout.mortal", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout
    settings = scenario.database.worker.settings.model_dump(mode="json", exclude_unset=True)
    given = {"act": act, "url": scenario.database.worker.url, "settings": settings, "bank": bank_url}
    stdin.write(json.dumps(given).encode() + b"\n")

    async def live(steps: int) -> str:
        stdin.write(f"{steps}\n".encode())
        async with asyncio.timeout(LIMIT_S):
            return (await stdout.readline()).decode().strip()

    try:
        yield live
    finally:
        stdin.close()
        await process.wait()


async def killed_until_done(live: Live, before: Callable[[], Awaitable[object]]) -> int:
    """Killed at the first step, the second and so on, each child going on where the last one died; how often."""
    for steps in range(1, STEPS_MOST):
        await before()
        ended = await live(steps)
        assert ended in ("killed", "done")
        if ended == "done":
            return steps - 1
    raise AssertionError("it never came to its end")


async def test_a_sender_that_is_killed_at_every_step_pays_each_payout_once(
    scenario: Scenario, bank: SandboxBank
) -> None:
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.SENT, *[await scenario.open() for _ in range(COUNT)])

    async def due_again() -> None:
        await scenario.sql("owner", "UPDATE deliveries SET next_call_at = clock_timestamp() WHERE outcome IS NULL")

    async with mortal(scenario, "send", str(bank.http.base_url)) as live:
        deaths = await killed_until_done(live, due_again)
    assert deaths > 10
    assert set(await states(scenario, payouts)) == {PayoutState.PAID}
    book = await bank.book()
    assert (book["instructions"], book["paid_fen"]) == (COUNT, COUNT * RATE_FEN)
    assert len(await scenario.events("payout.paid")) == COUNT
    assert await figures(scenario) == [(100_000_000, 0, COUNT * RATE_FEN)]
    assert await ledger_agrees(scenario)


async def test_an_importer_that_is_killed_at_every_step_applies_each_row_once(
    scenario: Scenario, tmp_path: Path
) -> None:
    payouts = await in_file(scenario, COUNT)
    book = Book(tmp_path / "counter.sqlite")
    report = await upload(scenario, await reported(scenario, Counter(book, Faults(settle_ms=0))))
    book.close()
    await confirm(scenario, report.id)

    async def nothing() -> None:
        pass

    async with mortal(scenario, "apply") as live:
        deaths = await killed_until_done(live, nothing)
    assert deaths > 10
    assert set(await states(scenario, payouts)) == {PayoutState.PAID}
    assert len(await scenario.events("payout.paid")) == COUNT
    assert len(await scenario.events("bank_report.applied")) == 1
    assert await figures(scenario) == [(100_000_000, 0, COUNT * RATE_FEN)]
    assert await ledger_agrees(scenario)
