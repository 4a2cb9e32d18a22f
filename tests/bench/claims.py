"""Claims a second over HTTP, beside the same SQL under pgbench, on PostgreSQL with fsync on.

python -m tests.bench.claims [claims]

One API process, 32 keep-alive connections, every claim by another worker, all of one batch. The limit is what these
claims execute, caught from a real one, in as many transactions as claims. Claims that wait are batched, so a second
limit is caught from many that shared a transaction.
"""

import asyncio
import statistics
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from rich.table import Table

from tests.bench.claim_sql import Claims, Run, catch, run_under_pgbench
from tests.bench.claim_stand import ClaimStand, claim_stand
from tests.bench.figures import conclude, console, percentile
from tests.bench.lean_client import Load, send_all

CLAIMS = 2_000
CONNECTIONS = 32
WARM_UP = 200
ROUNDS = 3


@dataclass(frozen=True)
class Served:
    """What HTTP came to: claims a transaction on the average, cores that the process ran on, and those it lacked."""

    load: Load
    together: float
    cores: float
    cores_awaited: float


async def over_http(stand: ClaimStand, database: str, people: list[UUID]) -> Served:
    """Have `people` claim over HTTP, the first of them to warm up."""
    with stand.serving(database) as (port, pid):
        await send_all(port, stand.claims(people[:WARM_UP]), CONNECTIONS)
        requests, (ran_s, awaited_s) = stand.claims(people[WARM_UP:]), _processor_s(pid)
        load = await send_all(port, requests, CONNECTIONS)
        ran_by_now_s, awaited_by_now_s = _processor_s(pid)
    if Counter(load.statuses) != {201: len(requests)}:
        raise RuntimeError(f"answers: {Counter(load.statuses)}")
    connection = await stand.connect(database)
    together = await connection.fetchval("SELECT count(*)::float8 / count(DISTINCT claimed_at) FROM vouchers")
    await connection.close()
    ran, awaited = (ran_by_now_s - ran_s) / load.seconds, (awaited_by_now_s - awaited_s) / load.seconds
    return Served(load, together, ran, awaited)


async def under_pgbench(stand: ClaimStand, claims: Claims, database: str, clients: int) -> Run:
    """The caught claims by everybody who claims over HTTP."""
    people = stand.people[WARM_UP:]
    return await run_under_pgbench(stand, claims, await stand.copy(database), people, clients)


async def main(claims: int) -> None:
    """Measure in turns and report medians."""
    served: list[Served] = []
    single: list[Run] = []
    batched: list[Run] = []
    async with claim_stand(claims + WARM_UP) as stand:
        alone, many = await catch(stand, 1), await catch(stand, CONNECTIONS)
        console.print(f"a claim alone: {len(alone.statements)} statements")
        for number in range(ROUNDS):
            single.append(await under_pgbench(stand, alone, f"single_{number}", CONNECTIONS))
            served.append(await over_http(stand, await stand.copy(f"http_{number}"), stand.people))
            batched.append(await under_pgbench(stand, many, f"batched_{number}", 1))
    width = len(many.people)
    rates = {
        "pgbench, the same SQL, 32 clients": [run.per_second for run in single],
        "over HTTP, 32 connections, one process": [len(run.load.statuses) / run.load.seconds for run in served],
        f"pgbench, {width} claims a transaction, 1 client": [run.per_second * width for run in batched],
    }
    latencies = ([run.latencies_s for run in runs] for runs in (single, [run.load for run in served], batched))
    _report(rates, list(latencies), served)


def _report(rates: dict[str, list[float]], latencies: list[list[list[float]]], served: list[Served]) -> None:
    table = Table("what", "claims/s", "p50 ms", "p99 ms", "of the first", title="Claims, medians of the rounds")
    medians = [statistics.median(values) for values in rates.values()]
    tails = [
        [statistics.median(percentile(round_, at) for round_ in rounds) * 1000 for at in (50, 99)]
        for rounds in latencies
    ]
    for what, rate, (p50, p99) in zip(rates, medians, tails, strict=True):
        table.add_row(what, f"{rate:,.0f}", f"{p50:.1f}", f"{p99:.1f}", f"{rate / medians[0]:.2f}")
    console.print(table)
    limit, ours, most = medians
    together, ran, awaited = (
        statistics.median(values)
        for values in zip(*((run.together, run.cores, run.cores_awaited) for run in served), strict=True)
    )
    conclude(
        f"claims: {ours:,.0f}/s over HTTP, {ours / limit:.2f} of pgbench's {limit:,.0f}/s ({ours / most:.2f} of "
        f"{most:,.0f}/s batched); p50 {tails[1][0]:.1f} ms, p99 {tails[1][1]:.1f} ms; {together:.1f} claims a "
        f"transaction; the API process ran on {ran:.2f} cores and waited for one {awaited:.2f} of the time"
    )


def _processor_s(pid: int) -> tuple[float, float]:
    """Seconds that a process's main thread ran, and that it could have run but had no core."""
    ran, awaited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    return int(ran) / 1e9, int(awaited) / 1e9


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS))
