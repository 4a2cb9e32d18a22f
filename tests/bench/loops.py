"""Whole loops a second, with the HTTP requests and events that a loop takes, beside their budgets.

python -m tests.bench.loops [workers]

A season of the demonstration on the whole running system. The business clock moves only when all is quiet; its waiting
is shown apart. The limit is what the same client reaches with as many requests that do nothing.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
import httpx
from rich.table import Table

from deploy.local.demo import cast_for, open_client
from deploy.local.demo.client import ApiClient, Clock, side_by_side
from deploy.local.demo.season import Season
from deploy.local.demo.staff import seed
from deploy.local.environment import SERVICES, LocalEnvironment, Process
from tests.bench.cpu import cpu_s, table_of
from tests.bench.figures import conclude, console
from tests.loop.system import running_system

LOOPS = 200
SEED = 20_261_123
REQUESTS_MOST, EVENTS_MOST = 6, 28
EMPTY_REQUESTS = 1_000
OWN = frozenset(
    {
        "POST /v1/workers",
        "POST /v1/workers/{id}/register-extracts",
        "POST /v1/vouchers",
        "POST /v1/vouchers/{id}/presence-codes",
    }
)
"""Requests that are made for one worker alone; all others serve a class, a list or the batch."""

IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/)[0-9A-Z]{18}(?=/|$)")
ENTRIES = "SELECT aggregate_type, aggregate_id, envelope FROM log_entries ORDER BY leaf_index OFFSET $1"


@dataclass
class WaitingClock:
    """A business clock that adds up how long it kept its callers."""

    clock: Clock
    seconds: float = 0.0

    async def now(self) -> datetime:
        """Business time; that is no waiting."""
        return await self.clock.now()

    async def advance(self, to: datetime) -> None:
        """See `Clock`."""
        await self._wait(self.clock.advance(to))

    async def wait_until_quiet(self) -> None:
        """See `Clock`."""
        await self._wait(self.clock.wait_until_quiet())

    async def _wait(self, waiting: Awaitable[None]) -> None:
        started = time.perf_counter()
        await waiting
        self.seconds += time.perf_counter() - started


@dataclass
class Lived:
    """A season in figures: seconds and seconds of waiting by phase, requests by route, events by type."""

    loops: int
    paid: int
    phases: dict[str, tuple[float, float]] = field(default_factory=dict)
    routes: Counter[str] = field(default_factory=Counter)
    own_events: Counter[str] = field(default_factory=Counter)
    shared_events: Counter[str] = field(default_factory=Counter)
    empty_requests_per_second: float = 0.0
    cpu: Counter[str] = field(default_factory=Counter)

    @property
    def seconds(self) -> float:
        """The whole season."""
        return sum(taken for taken, _ in self.phases.values())

    @property
    def waited_s(self) -> float:
        """The clock's part of it."""
        return sum(waited for _, waited in self.phases.values())


async def live(environment: LocalEnvironment, loops: int) -> Lived:
    """Live through one season after its cast is there."""
    async with open_client(environment) as client:
        casting = await cast_for(client, SEED)
        staff = await seed(client, casting, loops)
        await client.clock.wait_until_quiet()
        clock = client.clock = WaitingClock(client.clock)
        season = Season(client, staff, casting, loops, lambda _: None)
        before, routes = await _log_length(environment), _count_requests(client)
        lived = Lived(loops, 0)
        used = cpu_s(str(environment.root))
        phases: list[Callable[[], Awaitable[None]]] = [
            season.claim, season.enrol, season.train, season.assess, season.review, season.pay,
        ]  # fmt: skip
        for phase in phases:
            started, waited_s = time.perf_counter(), clock.seconds
            await phase()
            lived.phases[phase.__name__] = (time.perf_counter() - started, clock.seconds - waited_s)
            console.print(f"{phase.__name__}: {lived.phases[phase.__name__][0]:.1f} s")
        lived.routes, lived.cpu = Counter(routes), cpu_s(str(environment.root))
        lived.cpu.subtract(used)
        lived.empty_requests_per_second = await _empty_requests(client)
        paid = {trainee.person_id: trainee.voucher_id for trainee in season.trainees if trainee.passes}
    lived.paid = len(paid)
    await _count_events(environment, before, paid, lived)
    return lived


def _count_requests(api: ApiClient) -> Counter[str]:
    routes: Counter[str] = Counter()

    async def count(request: httpx.Request) -> None:
        routes[f"{request.method} {IDENTITY.sub('{id}', request.url.path)}"] += 1

    for client in api.clients.values():
        client.event_hooks = {"request": [count]}
    return routes


async def _empty_requests(api: ApiClient) -> float:
    """Requests a second that change and read nothing, over the same clients, as many at a time as the season's."""
    clients = [api.clients[service] for service in SERVICES]
    started = time.perf_counter()
    await side_by_side([clients[number % len(clients)].get("/livez") for number in range(EMPTY_REQUESTS)])
    return EMPTY_REQUESTS / (time.perf_counter() - started)


async def _audit(environment: LocalEnvironment) -> asyncpg.Connection:
    dsn = environment.database_url("audit", Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
    return await asyncpg.connect(dsn)


async def _log_length(environment: LocalEnvironment) -> int:
    connection = await _audit(environment)
    length: int = await connection.fetchval("SELECT count(*) FROM log_entries")
    await connection.close()
    return length


async def _count_events(environment: LocalEnvironment, before: int, paid: dict[str, str], lived: Lived) -> None:
    """Events of the aggregates that are one paid worker's alone, and of those that serve many."""
    connection = await _audit(environment)
    rows = await connection.fetch(ENTRIES, before)
    await connection.close()
    owners: dict[tuple[str, str], str] = {}
    entries = []
    for row in rows:
        aggregate, document = (row["aggregate_type"], row["aggregate_id"]), json.loads(row["envelope"])
        entries.append((aggregate, document["type"].removeprefix("cn.skillvoucher.")))
        person = aggregate[1] if aggregate[0] == "voucher.person" else document["data"].get("person_id")
        if person is not None:
            owners[aggregate] = person
    for aggregate, name in entries:
        if aggregate not in owners:
            lived.shared_events[name] += 1
        elif owners[aggregate] in paid:
            lived.own_events[name] += 1


def show(lived: Lived) -> None:
    """All figures, each beside its budget or limit."""
    phases = Table("phase", "seconds", "of which the clock waited", title=f"A season of {lived.loops} workers")
    for name, (taken, waited) in lived.phases.items():
        phases.add_row(name, f"{taken:.1f}", f"{waited:.1f}")
    console.print(phases)
    counts: dict[str, dict[str, float]] = defaultdict(dict)
    for route, times in lived.routes.most_common():
        counts["HTTP requests, the worker's own" if route in OWN else "HTTP requests, shared"][route] = (
            times / lived.loops
        )
    counts["events, the loop's own"] = {name: times / lived.paid for name, times in lived.own_events.items()}
    counts["events, shared"] = {name: times / lived.loops for name, times in lived.shared_events.items()}
    table = Table("what", "a loop", title="What a loop takes; the own events are those of a worker who is paid")
    for kind, rows in counts.items():
        table.add_row(f"[bold]{kind}", f"[bold]{sum(rows.values()):.2f}")
        for name, average in sorted(rows.items(), key=lambda row: -row[1]):
            table.add_row(f"  {name}", f"{average:.2f}")
    console.print(table)
    console.print(table_of(lived.cpu, lived.loops / 1_000, "ms a loop"))
    conclude(
        f"loops: {sum(lived.cpu.values()) * 1_000 / lived.loops:.0f} ms of CPU a loop in all processes but the client's"
    )
    own, shared = (sum(counts[f"HTTP requests, {kind}"].values()) for kind in ("the worker's own", "shared"))
    events, shared_events = (sum(counts[f"events, {kind}"].values()) for kind in ("the loop's own", "shared"))
    driven, whole = lived.loops / (lived.seconds - lived.waited_s), lived.loops / lived.seconds
    limit = lived.empty_requests_per_second / (own + shared)
    conclude(
        f"loops: {driven:.1f}/s without the clock's waiting ({whole:.1f}/s with it), {driven / limit:.2f} of "
        f"{limit:.1f}/s for as many requests that do nothing"
    )
    conclude(
        f"loops: {own:.2f} HTTP requests of its own a loop (budget {REQUESTS_MOST}) and {shared:.2f} shared; "
        f"{events + shared_events:.2f} events a loop (budget {EVENTS_MOST}), {events:.2f} of them its own"
    )


if __name__ == "__main__":
    with running_system() as system:
        show(asyncio.run(live(system.environment, int(sys.argv[1]) if len(sys.argv) > 1 else LOOPS)))
