"""The demonstration: a season of the city, driven only through the public HTTP interfaces."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.local.clock import PatientClock
from deploy.local.demo import refusals, report
from deploy.local.demo import season as seasons
from deploy.local.demo.cast import Casting
from deploy.local.demo.chapters import CHAPTERS
from deploy.local.demo.client import Actor, ApiClient
from deploy.local.demo.proof import prove
from deploy.local.demo.report import DemoResult
from deploy.local.demo.season import Season, Step
from deploy.local.demo.staff import AUDITOR, PORTAL, Staff, register, seed
from deploy.local.demo.story import Stories
from deploy.local.environment import SERVICES, LocalEnvironment
from deploy.local.messages import program
from shared.kernel.clock import business_date

__all__ = ["DemoResult", "cast_for", "drive", "drive_with_chapters", "open_client", "run_demo", "seed_by_hand"]

REQUEST_LIMIT_S = 30.0
SEEDS = 10**9


@contextlib.asynccontextmanager
async def open_client(environment: LocalEnvironment) -> AsyncIterator[ApiClient]:
    """A client of the run that is up."""
    async with contextlib.AsyncExitStack() as stack:
        clients = {
            service: await stack.enter_async_context(
                httpx.AsyncClient(base_url=environment.url(f"{service}-api"), timeout=REQUEST_LIMIT_S, trust_env=False)
            )
            for service in SERVICES
        }
        bank = httpx.AsyncClient(base_url=environment.url("bank"), timeout=REQUEST_LIMIT_S, trust_env=False)
        clients["bank"] = await stack.enter_async_context(bank)
        issuer = await stack.enter_async_context(
            httpx.AsyncClient(base_url=environment.issuer_url, timeout=REQUEST_LIMIT_S, trust_env=False)
        )
        clock = PatientClock(environment)
        stack.push_async_callback(clock.close)

        async def mint(actor: Actor) -> str:
            answer = await issuer.post("/token", json=actor.claims())
            answer.raise_for_status()
            return str(answer.json()["access_token"])

        yield ApiClient(clients, mint, clock)


async def cast_for(client: ApiClient, seed_number: int) -> Casting:
    """The casting of a season that begins now."""
    return Casting(seed_number, business_date(await client.clock.now()))


async def drive(client: ApiClient, *, loops: int, progress: seasons.Progress, seed_number: int) -> Season:
    """Drive one season of `loops` workers from the first voucher to the last payment."""
    casting = await cast_for(client, seed_number)
    return await _drive(Season(client, await seed(client, casting, loops), casting, loops, progress))


async def drive_with_chapters(
    client: ApiClient, *, loops: int, progress: seasons.Progress, seed_number: int
) -> tuple[Season, dict[str, str]]:
    """Drive a season and live every chapter beside it, under one clock; how each chapter ended, by its name."""
    casting = await cast_for(client, seed_number)
    staff = await seed(client, casting, loops)
    stories = Stories(client, staff, casting)

    async def season() -> Season:
        async with stories.clock.story() as clock:
            return await _drive(Season(replace(client, clock=clock), staff, casting, loops, progress))

    async with asyncio.TaskGroup() as group:
        driven = group.create_task(season())
        lived = {name: group.create_task(chapter(stories)) for name, chapter in CHAPTERS.items()}
    return driven.result(), {name: chapter.result() for name, chapter in lived.items()}


async def _drive(season: Season) -> Season:
    await season.claim()
    await refusals.after_claims(season)
    await season.enrol()
    await refusals.after_enrolment(season)
    await season.train()
    await season.assess()
    await season.review()
    await refusals.after_review(season)
    await season.pay()
    return season


async def run_demo(environment: LocalEnvironment, *, loops: int, console: Console) -> DemoResult:
    """Run a season against a system that is up and print what came of it; `DemoFailed` if it is not as it must be."""
    console.print(
        f"A season of the city: {loops} generated workers claim, train, are assessed and paid for, over the public "
        "HTTP interfaces. Business time moves on whenever all that was due has happened.",
        soft_wrap=True,
        highlight=False,
    )
    async with open_client(environment) as client:
        with show_progress(console) as progress:
            seed_number = secrets.randbelow(SEEDS)
            season, chapters = await drive_with_chapters(
                client, loops=loops, progress=progress, seed_number=seed_number
            )
        result, ledger = await report.read_result(season)
    report.show(console, result, ledger, chapters)
    report.check(result)
    for line in await prove(environment, season.trainees[0].person_id):
        console.print(line, highlight=False, soft_wrap=True)
    return result


async def seed_by_hand(environment: LocalEnvironment, console: Console) -> None:
    """Make what a season needs, for somebody who goes on by hand, and say how to act as each account."""
    async with open_client(environment) as client:
        casting = await cast_for(client, secrets.randbelow(SEEDS))
        staff = await seed(client, casting, loops=1)
        _, person = await register(client, casting.citizens(), (await client.clock.now()).isoformat())
    console.print("Made for you, beside what was there. To act as each:")
    for who, actor in _accounts(staff, person):
        options = [f"--role {actor.role}"]
        options += [f"--person {actor.person}"] if actor.person else []
        options += [f"--institution {actor.institution}"] if actor.institution else []
        options += [f"--area {area}" for area in actor.areas]
        line = f"{who}:\n    {program(environment.root)} token {' '.join(options)}"
        console.print(line, highlight=False, soft_wrap=True)


def _accounts(staff: Staff, person: str) -> Iterator[tuple[str, Actor]]:
    yield "portal, which registers workers", PORTAL
    yield "a worker", Actor("worker", "worker", person=person)
    yield "officer who proposes", staff.proposer
    yield "officer who approves", staff.approver
    yield "officer who reviews", staff.reviewer
    yield "officer who publishes", staff.second_approver
    yield "finance officer who pays", staff.cashier
    yield "finance officer who releases", staff.releaser
    for institution in staff.institutions:
        yield "training institution", institution.actor
    yield "assessing body", staff.body.actor
    for assessor in staff.body.assessors[:2]:
        yield "its assessor", assessor
    yield "supervisor of an assessment", staff.body.supervisor
    yield "auditor of the whole city", AUDITOR


@contextlib.contextmanager
def show_progress(console: Console) -> Iterator[seasons.Progress]:
    """Live bars on a terminal, a line for each finished phase elsewhere."""
    if not console.is_terminal:

        def print_finished(step: Step) -> None:
            if step.done == step.of:
                console.print(f"{step.day}  {step.what}: {step.of} {step.unit}", highlight=False)

        yield print_finished
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[unit]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def move_bar(step: Step) -> None:
            if step.what not in tasks:
                tasks[step.what] = bars.add_task("", unit=step.unit)
            description = f"{step.day}  {step.what}"
            bars.update(tasks[step.what], description=description, completed=step.done, total=step.of)

        yield move_bar
