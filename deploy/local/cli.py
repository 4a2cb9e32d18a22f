"""The command ``skill-voucher``: the whole system on one machine, and what one does with it while it runs."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from deploy.local import status as run_status
from deploy.local.clock import BusinessClock
from deploy.local.environment import SERVICES, LocalEnvironment, Process
from deploy.local.errors import AlreadyRunning, JarRefused, JarUnavailable, LocalRunError, StartFailed
from deploy.local.postgres_home import remove_home
from deploy.local.processes import wait_until_gone
from deploy.local.records import Records
from deploy.local.run import EXIT_FAILED, Run, Wish, demonstrate
from deploy.local.stages import Stages
from deploy.local.system import LocalSystem, migrate, running
from shared.kernel.clock import SHANGHAI
from shared.security import Role

PROJECT = Path(__file__).resolve().parents[2]
LOOPS = 200
STOP_LIMIT_S = 90.0
TOKEN_LIMIT_S = 10.0

_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?", re.ASCII)
_HINTS: dict[type[Exception], str] = {
    AlreadyRunning: "`skill-voucher status` shows it, `skill-voucher stop` stops it.",
    JarUnavailable: "Kafka's archives come from a Maven repository: is there a network, and a proxy to be named?",
    JarRefused: "Something between here and the Maven repository changes files; nothing of it was run.",
    StartFailed: "The whole log is in the file named above. `skill-voucher clean` starts from nothing the next time.",
    PermissionError: "Has another user run it here? Run as that user, or name another directory by --state.",
}

Service = StrEnum("Service", list(SERVICES))  # type: ignore[misc]  # the choices of a command line

command = typer.Typer(
    help="The whole system on one machine.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
clock = typer.Typer(help="Business time, which only this profile may move.", no_args_is_help=True)
parked = typer.Typer(help="Events that a service could not apply.", no_args_is_help=True)
command.add_typer(clock, name="clock")
command.add_typer(parked, name="parked")
console = Console()


@dataclass(frozen=True)
class Place:
    """Where the state of the run is."""

    root: Path

    def attached(self) -> LocalEnvironment:
        """The run that is up; LocalRunError if none is."""
        if running(self.root) is None:
            raise LocalRunError("the system does not run: start it by `skill-voucher run`")
        return LocalEnvironment.attach(PROJECT, self.root)


@command.callback()
def place(
    context: typer.Context,
    state: Annotated[Path, typer.Option(help="Directory of the run's state.", readable=False)] = PROJECT / ".local",
) -> None:
    """Remember where the state is."""
    context.obj = Place(state.absolute())


@command.command()
def run(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the demonstration.")] = False,
    loops: Annotated[int, typer.Option(min=1, help="Workers who go through the demonstration.")] = LOOPS,
    workers: Annotated[int, typer.Option(min=1, max=8, help="Workers of each service.")] = 1,
    demo: Annotated[bool, typer.Option(help="Run the demonstration after the start.")] = True,
) -> None:
    """Start everything, demonstrate it, stay up until Ctrl-C."""
    wish = Wish(loops=loops if demo else None, once=once, workers=workers)
    raise typer.Exit(Run(PROJECT, _root(context), wish, console).execute())


@command.command()
def demo(
    context: typer.Context,
    loops: Annotated[int, typer.Option(min=1, help="Workers who go through it.")] = LOOPS,
) -> None:
    """Run the demonstration against the system that is up."""
    if not asyncio.run(demonstrate(context.obj.attached(), loops, console)):
        raise typer.Exit(EXIT_FAILED)


@command.command()
def seed(context: typer.Context) -> None:
    """Load the catalogues, officers, funds and accounts that are missing."""
    from deploy.local.demo import seed_catalogues  # only this command needs it

    asyncio.run(seed_catalogues(context.obj.attached(), console))


@command.command("migrate")
def migrate_databases(
    context: typer.Context,
    service: Annotated[Service | None, typer.Argument(help="One service; all if none is named.")] = None,
) -> None:
    """Migrate the databases.

    Those of the system that is up; if it is not, PostgreSQL is started for this alone.
    """
    wanted = (service.value,) if service else SERVICES
    root = _root(context)
    stages = Stages(console)
    if running(root):
        with stages:
            asyncio.run(migrate(context.obj.attached(), wanted, stages))
        return
    system = LocalSystem(PROJECT, root, stages=stages, services=wanted)
    with stages:
        asyncio.run(system.run(system.start_databases))


@command.command()
def token(
    context: typer.Context,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    sub: Annotated[str | None, typer.Option(help="The account; `<role>-cli` if none is named.")] = None,
    person: Annotated[str | None, typer.Option(help="The person's id.")] = None,
    institution: Annotated[str | None, typer.Option(help="The institution's or body's credit code.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="An area in scope; may be repeated.")] = None,
    ttl_s: Annotated[int, typer.Option("--ttl-s", min=1, max=86_400, help="Life of the token, seconds.")] = 3_600,
) -> None:
    """Print an access token of the development issuer."""
    asked = {"sub": sub or f"{role}-cli", "role": role.value, "person": person, "institution": institution}
    body = (
        {name: value for name, value in asked.items() if value} | {"ttl_s": ttl_s} | ({"areas": area} if area else {})
    )
    issuer = context.obj.attached().issuer_url
    try:
        answer = httpx.post(f"{issuer}/token", json=body, timeout=TOKEN_LIMIT_S, trust_env=False)
    except httpx.HTTPError as error:
        raise LocalRunError(f"the token issuer does not answer: {error}") from error
    if answer.status_code != httpx.codes.OK:
        raise LocalRunError(
            "no service would accept such a token: workers, officers and finance need --person, officers --area too, "
            "institutions and bodies --institution"
        )
    typer.echo(answer.json()["access_token"])


@clock.command("show")
def show_clock(context: typer.Context) -> None:
    """Print business time."""

    async def show() -> None:
        async with BusinessClock.attach(context.obj.attached()) as business:
            _print_time(await business.now())

    asyncio.run(show())


@clock.command()
def advance(
    context: typer.Context,
    to: Annotated[str | None, typer.Option(help="A time such as 2027-03-01T08:00, in Asia/Shanghai.")] = None,
    by: Annotated[str | None, typer.Option(help="A span such as 5d, 12h, 1d6h30m.")] = None,
) -> None:
    """Wait until all that is due has happened, then move business time forward in all services."""
    if (to is None) == (by is None):
        raise typer.BadParameter("say either --to or --by")
    span = parse_span(by) if by else None
    time = parse_time(to) if to else None

    async def move() -> None:
        async with BusinessClock.attach(context.obj.attached()) as business:
            with console.status("Waiting until everything is quiet …"):
                await business.advance(time or await business.now() + (span or timedelta()))
            _print_time(await business.now())

    asyncio.run(move())


@parked.command("list")
def list_parked(context: typer.Context, service: Service) -> None:
    """List what is parked in a service."""
    raise typer.Exit(_of_service(context, service, "parked", "list"))


@parked.command("show")
def show_parked(context: typer.Context, service: Service, number: int) -> None:
    """Show a parked event."""
    raise typer.Exit(_of_service(context, service, "parked", "show", str(number)))


@parked.command("replay")
def replay_one(context: typer.Context, service: Service, number: int) -> None:
    """Apply a parked event, and those that parked behind it, again."""
    raise typer.Exit(_of_service(context, service, "parked", "replay", str(number)))


@command.command()
def replay(
    context: typer.Context,
    service: Annotated[Service | None, typer.Argument(help="One service; all if none is named.")] = None,
) -> None:
    """Apply everything that is parked again.

    Status 1 if some of it fails again.
    """
    failed = 0
    for name in [service] if service else list(Service):
        for number in asyncio.run(run_status.parked_numbers(context.obj.attached(), name)):
            failed += _of_service(context, name, "parked", "replay", str(number)) != 0
    if failed:
        raise LocalRunError(f"{failed} aggregates still cannot go on: `skill-voucher parked list SERVICE`")


@command.command()
def verify(context: typer.Context) -> None:
    """Walk audit's log of all events and recompute its chain.

    Status 3, and the first entry that does not hold, if it is broken.
    """
    raise typer.Exit(_of_service(context, Service("audit"), "verify"))


@command.command()
def status(context: typer.Context) -> None:
    """Show the processes, their health and what waits.

    Status 1 if something is not ready, or parked.
    """
    environment = context.obj.attached()

    async def ask() -> bool:
        processes, services = await asyncio.gather(run_status.processes(environment), run_status.services(environment))
        run_status.show(console, processes, services)
        return all(one.ready for one in processes) and not any(one.parked for one in services)

    if not asyncio.run(ask()):
        raise typer.Exit(EXIT_FAILED)


@command.command()
def stop(context: typer.Context) -> None:
    """Stop the system that is up, and wait until every process has ended."""
    supervisor = running(_root(context))
    if supervisor is None:
        console.print("The system does not run.")
        return
    os.kill(supervisor.pid, signal.SIGTERM)
    with console.status("Stopping …"):
        gone = wait_until_gone([supervisor], STOP_LIMIT_S)
    if not gone:
        raise LocalRunError(f"process {supervisor.pid} has not stopped within {STOP_LIMIT_S:.0f} s")
    console.print("Stopped.")


@command.command()
def clean(context: typer.Context) -> None:
    """Delete the state of the run: databases, topics, keys, logs."""
    root = _root(context)
    if not root.exists():
        console.print("There is nothing to delete.")
        return
    with Records(root / "run") as records:
        records.clear_leftovers()
        remove_home(root / "postgres")
        shutil.rmtree(root)
    console.print(f"Deleted {root}.", highlight=False)


def parse_span(text: str) -> timedelta:
    """Read ``1d6h30m``; BadParameter unless it is one and more than nothing."""
    found = _DURATION.fullmatch(text)
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    span = timedelta(days=days, hours=hours, minutes=minutes)
    if not span:
        raise typer.BadParameter("a span is written like 5d, 12h or 1d6h30m")
    return span


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time, in Asia/Shanghai unless it says otherwise; BadParameter if it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a time is written like 2027-03-01T08:00") from None
    return time if time.tzinfo else time.replace(tzinfo=SHANGHAI)


def main() -> None:
    """Entry point of ``skill-voucher``: errors are said in words, with a hint, and end with status 1."""
    try:
        command()
    except (LocalRunError, PermissionError) as error:
        errors = Console(stderr=True)
        errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        hint = next((hint for kind, hint in _HINTS.items() if isinstance(error, kind)), None)
        if hint:
            errors.print(hint, markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_FAILED)


def _root(context: typer.Context) -> Path:
    root: Path = context.obj.root
    return root


def _of_service(context: typer.Context, service: Service, *arguments: str) -> int:
    """Run a command of a service, as its worker; returns its exit status."""
    environment = context.obj.attached()
    process = environment.command(service.value, Process.WORKER)
    argv = [*process.argv[:-1], *arguments]
    return subprocess.run(argv, env=dict(process.environment), cwd=process.cwd, check=False).returncode


def _print_time(time: datetime) -> None:
    console.print(f"{time.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} Asia/Shanghai", highlight=False)


if __name__ == "__main__":
    main()
