"""One benefit claimed over and over, in two areas, by events and by hand, from three processes: paid for once.

`PAYOUT_CLAIMS=20000` makes so many claims; without it there are fewer.
"""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from shared.contracts.training import InstitutionListedV1
from tests.payout.funds.test_funds import RATE_FEN, figures, ledger_agrees
from tests.payout.scenario import OTHER_SCHOOL, Case, Scenario

CLAIMS = int(os.environ.get("PAYOUT_CLAIMS", "600"))
PROCESSES = 3
AREAS = 2
RECEIVED, CLAIMED = 7, 3
"""How often each voucher comes by events, and is claimed by its institution, from all processes together."""
WAVE = 10
LIMIT_S = 120 + CLAIMS // 10

PER_KEY = """
SELECT count(*) FILTER (WHERE payouts.status = 'opened') AS opened,
    count(*) FILTER (WHERE payouts.status = 'rejected' AND code = 'payout_already_live') AS refused,
    count(*) AS payouts, count(DISTINCT voucher_id) AS vouchers, count(DISTINCT area) AS areas
FROM payouts GROUP BY key_person_id, skill_code, level, benefit
"""


def said_of(scenario: Scenario, case: Case) -> dict[str, Any]:
    """What evaluation and voucher say of a case."""
    issued, certified = (event.model_dump(mode="json") for event in (scenario.issued(case), scenario.certified(case)))
    return {"id": str(case.voucher_id), "institution": case.institution, "issued": issued, "certified": certified}


def two_areas(case: Case) -> tuple[Case, Case]:
    """The same benefit of the same person by a class in another area, with another voucher and certificate."""
    fresh = Case()
    elsewhere = replace(
        case, voucher_id=fresh.voucher_id, certificate_id=fresh.certificate_id, area="410481",
        institution=OTHER_SCHOOL, payee_id=OTHER_SCHOOL,
    )  # fmt: skip
    return case, elsewhere


def shuffled_acts(vouchers: int) -> list[tuple[str, list[int]]]:
    """Everything that comes, in no order: events in waves of vouchers that lie anywhere, claims one by one."""
    acts = [("claim", [number]) for number in range(vouchers)] * CLAIMED
    for _ in range(RECEIVED):
        numbers = random.sample(range(vouchers), vouchers)
        acts += [("receive", numbers[start : start + WAVE]) for start in range(0, vouchers, WAVE)]
    random.shuffle(acts)
    return acts


async def run_claimer(scenario: Scenario, vouchers: list[dict[str, Any]], acts: list[Any], go: Path) -> Counter[str]:
    """One process that does these acts; how often each outcome came."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.payout.claims.claimer",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    settings = scenario.database.api.settings.model_dump(mode="json", exclude_unset=True)
    given = {
        "api": scenario.database.api.url, "worker": scenario.database.worker.url, "settings": settings,
        "vouchers": vouchers, "acts": acts, "go": str(go),
    }  # fmt: skip
    async with asyncio.timeout(LIMIT_S):
        answer, _ = await process.communicate(json.dumps(given).encode())
    assert process.returncode == 0
    return Counter(json.loads(answer))


async def test_claims_of_one_benefit_from_three_processes_and_two_areas_end_in_one_payout(
    scenario: Scenario, tmp_path: Path
) -> None:
    keys = max(1, CLAIMS // (AREAS * (RECEIVED + CLAIMED)))
    await scenario.begin(budget_fen=keys * AREAS * RATE_FEN)
    await scenario.receive(scenario.next_event(InstitutionListedV1, OTHER_SCHOOL, area="410481", scope=()))
    cases = [case for _ in range(keys) for case in two_areas(Case())]
    await scenario.receive(*(scenario.verified(case) for case in cases[::AREAS]))
    vouchers = [said_of(scenario, case) for case in cases]
    acts = shuffled_acts(len(vouchers))
    go = tmp_path / "go"
    running = [
        asyncio.create_task(run_claimer(scenario, vouchers, acts[place::PROCESSES], go)) for place in range(PROCESSES)
    ]
    await asyncio.sleep(1)
    go.touch()
    outcomes = sum(await asyncio.gather(*running), Counter[str]())
    assert outcomes.total() == len(vouchers) * (RECEIVED + CLAIMED)
    assert set(outcomes) <= {"received", "opened", "rejected", "voucher_not_found"}

    rows = await scenario.sql("owner", PER_KEY)
    assert {(row.opened, row.vouchers, row.areas) for row in rows} == {(1, AREAS, AREAS)}
    assert all(row.opened + row.refused == row.payouts for row in rows)
    assert (len(rows), len(await scenario.events("payout.opened"))) == (keys, keys)
    for _ in range(1 + keys // 1_000):
        await scenario.run_timers()
    assert await figures(scenario) == [(keys * AREAS * RATE_FEN, keys * RATE_FEN, 0)]
    assert await ledger_agrees(scenario)
