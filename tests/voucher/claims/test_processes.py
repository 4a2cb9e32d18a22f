"""Claims raced from several processes on a short quota: everybody asks in two of them; nobody gets two."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

from tests.voucher.claims.test_claims import claimed_count
from tests.voucher.claims.test_races import overdrawn_or_doubled
from tests.voucher.scenario import Scenario

PROCESSES = 4
PEOPLE = 24
QUOTA = 9
LIMIT_S = 60


async def run_claimer(scenario: Scenario, batch_id: UUID, people: list[UUID], go: Path) -> Counter[str]:
    """One process that claims for `people`; how often each outcome came."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.voucher.claims.claimer",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    given = {
        "url": scenario.database.api.url,
        "keys": {
            name: str(getattr(scenario.database.api.settings, name)) for name in ("field_key_file", "event_key_file")
        },
        "batch_id": str(batch_id),
        "people": [str(person) for person in people],
        "go": str(go),
    }
    async with asyncio.timeout(LIMIT_S):
        answer, _ = await process.communicate(json.dumps(given).encode())
    assert process.returncode == 0
    return Counter(json.loads(answer))


async def test_processes_do_not_oversell_a_short_quota(scenario: Scenario, tmp_path: Path) -> None:
    people = [await scenario.person() for _ in range(PEOPLE)]
    batch = await scenario.batch(quantity=QUOTA)
    lists = [people[number % 2 :: 2] for number in range(PROCESSES)]
    go = tmp_path / "go"
    running = [asyncio.create_task(run_claimer(scenario, batch, listed, go)) for listed in lists]
    await asyncio.sleep(1)
    go.touch()
    outcomes = sum(await asyncio.gather(*running), Counter[str]())
    assert outcomes["claimed"] == QUOTA == await claimed_count(scenario, batch)
    assert set(outcomes) <= {"claimed", "quota_exhausted", "voucher_already_live"}
    assert sum(outcomes.values()) == 2 * PEOPLE
    assert await overdrawn_or_doubled(scenario.database) == []
