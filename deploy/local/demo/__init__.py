"""The demonstration: a season of the city, driven only through the public HTTP interfaces."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.local.clock import PatientClock
from deploy.local.demo import refusals, report
from deploy.local.demo.city import Actor, City
from deploy.local.demo.report import DemoResult
from deploy.local.demo.season import Season
from deploy.local.demo.staff import seed
from deploy.local.environment import SERVICES, LocalEnvironment

__all__ = ["DemoResult", "drive", "open_city", "run_demo", "seed_catalogues"]

REQUEST_LIMIT_S = 30.0
DEFAULT_LOOPS = 200


@contextlib.asynccontextmanager
async def open_city(environment: LocalEnvironment) -> AsyncIterator[City]:
    """The city of a run that is up."""
    async with contextlib.AsyncExitStack() as stack:
        clients = {
            service: await stack.enter_async_context(
                httpx.AsyncClient(base_url=environment.url(f"{service}-api"), timeout=REQUEST_LIMIT_S, trust_env=False)
            )
            for service in SERVICES
        }
        issuer = await stack.enter_async_context(
            httpx.AsyncClient(base_url=environment.issuer_url, timeout=REQUEST_LIMIT_S, trust_env=False)
        )
        clock = PatientClock(environment)
        stack.push_async_callback(clock.close)

        async def mint(actor: Actor) -> str:
            answer = await issuer.post("/token", json=actor.claims())
            answer.raise_for_status()
            return str(answer.json()["access_token"])

        yield City(clients, mint, clock)


async def drive(city: City, *, loops: int, tell: Callable[[str, int, int], None], seed_number: int) -> Season:
    """Drive one season of `loops` workers from the first voucher to the last payment."""
    season = Season(city, await seed(city), loops, seed_number, tell)
    await season.claim()
    await refusals.after_claims(season)
    await season.enrol()
    await refusals.after_enrolment(season)
    await season.train()
    await season.assess()
    await season.pay()
    return season


async def run_demo(environment: LocalEnvironment, *, loops: int = DEFAULT_LOOPS, console: Console) -> DemoResult:
    """Run a season against a system that is up and print what came of it; `DemoFailed` if it is not as it must be."""
    seed_number = secrets.randbelow(10**9)
    console.print(f"A season of {loops} workers (seed {seed_number})")
    async with open_city(environment) as city:
        with show_progress(console) as tell:
            season = await drive(city, loops=loops, tell=tell, seed_number=seed_number)
        result, ledger = await report.read_result(season)
    report.show(console, result, ledger)
    return result


async def seed_catalogues(environment: LocalEnvironment, console: Console) -> None:
    """Make the city's catalogues, officers, funds and accounts as far as they are not there yet."""
    async with open_city(environment) as city:
        staff = await seed(city)
    console.print(
        f"{len(staff.institutions)} training institutions and the assessing body {staff.body.code} are listed"
    )


@contextlib.contextmanager
def show_progress(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Live bars on a terminal, a line for each finished phase elsewhere."""
    if not console.is_terminal:

        def line(what: str, done: int, of: int) -> None:
            if done == of:
                console.print(f"{what}: {of}")

        yield line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def bar(what: str, done: int, of: int) -> None:
            if what not in tasks or progress.tasks[tasks[what]].total != of:
                tasks[what] = progress.add_task(what, total=of)
            progress.update(tasks[what], completed=done)

        yield bar
