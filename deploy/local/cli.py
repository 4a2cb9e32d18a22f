"""The command ``skill-voucher``: the whole system on one machine, and what can be done with it while it runs."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
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
from deploy.local.errors import LocalRunError, NotRunning
from deploy.local.messages import DEFAULT_STATE, PROJECT, explain, program
from deploy.local.postgres_home import remove_home
from deploy.local.processes import wait_until_gone
from deploy.local.reconciliation import reconcile
from deploy.local.records import Records
from deploy.local.run import EXIT_FAILED, Run, RunOptions, demonstrate
from deploy.local.spans import parse_span, parse_time
from deploy.local.stages import Stages
from deploy.local.system import LocalSystem, migrate, running
from shared.kernel.clock import SHANGHAI
from shared.security import Role

LOOPS = 200
STOP_LIMIT_S = 90.0
TOKEN_LIMIT_S = 10.0
NEEDED_OPTIONS = {
    Role.WORKER: ("--person",),
    Role.OFFICER: ("--person", "--area"),
    Role.FINANCE: ("--person",),
    Role.INSTITUTION: ("--person", "--institution"),
    Role.BODY: ("--person", "--institution"),
}
"""What a token of the role must name; services accept none without it."""


Service = StrEnum("Service", list(SERVICES))  # type: ignore[misc]  # the choices of a command line

command = typer.Typer(
    help="The whole system on one machine: start it, look at it, stop it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
clock = typer.Typer(help="Business time: show it, or move it forward.", no_args_is_help=True)
parked = typer.Typer(help="Events that a service could not apply, and what waits behind them.", no_args_is_help=True)
command.add_typer(clock, name="clock")
command.add_typer(parked, name="parked")
command.command()(reconcile)
console = Console()

ServiceArgument = Annotated[Service, typer.Argument(help="The service that could not apply it.")]
NumberArgument = Annotated[int, typer.Argument(help="Its number in `parked list`.")]


class ParkedAgain(LocalRunError):
    """What was parked could not be applied this time either."""

    hint = "`{program} parked list SERVICE` shows why."


class TokenRefused(LocalRunError):
    """No service would accept the token that was asked for."""

    hint = "`{program} seed` makes accounts of every role, and says with which options to act as each."


@dataclass
class Place:
    """Where the state of the run is."""

    root: Path

    def attached(self) -> LocalEnvironment:
        """The run that is up; NotRunning if none is."""
        if running(self.root) is None:
            raise NotRunning("the system does not run")
        return LocalEnvironment.attach(PROJECT, self.root)


@command.callback()
def place(
    context: typer.Context,
    state: Annotated[Path, typer.Option(help="Directory of the run's state.", readable=False)] = DEFAULT_STATE,
) -> None:
    """Remember where the state is."""
    context.obj.root = state.absolute()


@command.command()
def run(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the demonstration.")] = False,
    loops: Annotated[int, typer.Option(min=1, help="Workers of the demonstration.")] = LOOPS,
    workers: Annotated[int, typer.Option(min=1, max=8, help="Worker processes of each service.")] = 1,
    demo: Annotated[bool, typer.Option(help="Run the demonstration after the start.")] = True,
    reconcile_every_h: Annotated[
        float, typer.Option(min=0.001, help="Hours between two reconciliations while it stays up.")
    ] = 24.0,
) -> None:
    """Start everything, demonstrate it, stay up until Ctrl-C.

    Status 1 if the start or the demonstration failed.
    """
    options = RunOptions(loops if demo else None, once, workers, reconcile_every_h)
    raise typer.Exit(Run(PROJECT, _root(context), options, console).execute())


@command.command()
def demo(
    context: typer.Context,
    loops: Annotated[int, typer.Option(min=1, help="Workers of the demonstration.")] = LOOPS,
) -> None:
    """Run the demonstration against the system that is up.

    Status 1 if it failed: if somebody was not paid who should have been, for one.
    """
    if not asyncio.run(demonstrate(context.obj.attached(), loops, console)):
        raise typer.Exit(EXIT_FAILED)


@command.command()
def seed(context: typer.Context) -> None:
    """Make officers, institutions and a body to try things with.

    It prints the options of `token` with which to act as each.
    """
    from deploy.local.demo import seed_by_hand  # only this command needs it

    asyncio.run(seed_by_hand(context.obj.attached(), console))


@command.command("migrate")
def migrate_databases(
    context: typer.Context,
    service: Annotated[Service | None, typer.Argument(help="One service; all if none is named.")] = None,
) -> None:
    """Bring the databases to the newest edition of their tables.

    If the system does not run, PostgreSQL is started for this alone.
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
    role: Annotated[Role, typer.Option(help="Whom the account stands for.")],
    sub: Annotated[str | None, typer.Option(help="The account's name; ROLE-cli if none is given.")] = None,
    person: Annotated[str | None, typer.Option(help="The person's id: a worker's own, or who answers.")] = None,
    institution: Annotated[
        str | None, typer.Option(help="The credit code of the institution or body that the account acts for.")
    ] = None,
    area: Annotated[
        list[str] | None,
        typer.Option(help="An area that the account may see, 410400 for the whole city; may be repeated."),
    ] = None,
    ttl_s: Annotated[
        int, typer.Option("--ttl-s", min=1, max=86_400, help="How long the token is valid, seconds.")
    ] = 3_600,
) -> None:
    """Print an access token, for `Authorization: Bearer …`.

    Whoever runs the system here may act as anybody; elsewhere tokens come from the portal.
    """
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
        raise TokenRefused(_what_a_token_lacks(role, asked | {"area": area}))
    typer.echo(answer.json()["access_token"])


@clock.command("show")
def show_clock(context: typer.Context) -> None:
    """Print business time, and real time beside it."""

    async def show() -> None:
        async with BusinessClock.attach(context.obj.attached()) as business:
            console.print(f"Business time: {_shanghai(await business.now())}", highlight=False)
            console.print(f"Real time:     {_shanghai(datetime.now(SHANGHAI))}", highlight=False)

    asyncio.run(show())


@clock.command()
def advance(
    context: typer.Context,
    to: Annotated[str | None, typer.Option(help="A time such as 2027-03-01T08:00, in Asia/Shanghai.")] = None,
    by: Annotated[str | None, typer.Option(help="A span such as 5d, 12h, 1d6h30m.")] = None,
) -> None:
    """Move business time forward in all services.

    It waits first until all that is due has happened.
    """
    if (to is None) == (by is None):
        raise typer.BadParameter("give either --to or --by")
    span = parse_span(by) if by else None
    time = parse_time(to) if to else None

    async def move() -> None:
        async with BusinessClock.attach(context.obj.attached()) as business:
            with console.status("Waiting until everything is quiet …"):
                await business.advance(time or await business.now() + (span or timedelta()))
            console.print(f"Business time: {_shanghai(await business.now())}", highlight=False)

    asyncio.run(move())


@parked.command("list")
def list_parked(context: typer.Context, service: ServiceArgument) -> None:
    """List the events that wait in a service."""
    raise typer.Exit(_of_service(context, service, "parked", "list"))


@parked.command("show")
def show_parked(context: typer.Context, service: ServiceArgument, number: NumberArgument) -> None:
    """Show one of them: what it says, and why it could not be applied."""
    _ask_parked(context, service, "show", number)


@parked.command("replay")
def replay_one(context: typer.Context, service: ServiceArgument, number: NumberArgument) -> None:
    """Apply it again, and then those that wait behind it."""
    _ask_parked(context, service, "replay", number)


@parked.command("discard", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def discard_one(context: typer.Context, service: ServiceArgument, number: NumberArgument) -> None:
    """Throw it away: --reason TEXT, and the tokens of two persons: --first-token FILE --second-token FILE."""
    _ask_parked(context, service, "discard", number, *context.args)


@command.command()
def replay(
    context: typer.Context,
    service: Annotated[Service | None, typer.Argument(help="One service; all if none is named.")] = None,
) -> None:
    """Apply everything that is parked again.

    Status 1 if some of it fails again.
    """
    failed = replayed = 0
    for name in [service] if service else list(Service):
        for number in asyncio.run(run_status.parked_numbers(context.obj.attached(), name)):
            replayed += 1
            failed += _of_service(context, name, "parked", "replay", str(number)) != 0
    if failed:
        raise ParkedAgain(f"of {replayed} parked events {failed} failed again")
    if not replayed:
        console.print("Nothing is parked.")


@command.command()
def verify(
    context: typer.Context,
    noted: Annotated[
        str | None, typer.Option(help="A head noted earlier, ENTRIES:HASH; the log must still hold it.")
    ] = None,
    checkpoints: Annotated[
        list[Path] | None, typer.Option(help="A signed head kept elsewhere, or a directory of them; may be repeated.")
    ] = None,
) -> None:
    """Recompute the hash chain and the Merkle tree over audit's log of all events, against every signed head.

    Status 3, and the first entry that does not hold, if it is broken.
    """
    kept = [part for path in checkpoints or [] for part in ("--checkpoints", str(path.absolute()))]
    raise typer.Exit(_of_service(context, Service("audit"), "verify", *(("--noted", noted) if noted else ()), *kept))


@command.command("audit", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def command_audit(context: typer.Context) -> None:
    """Run a command of audit on its log: `export`, `keys`, `verify`, `records`."""
    raise typer.Exit(_of_service(context, Service("audit"), *context.args))


@command.command()
def status(context: typer.Context) -> None:
    """Show the processes with their addresses, and what waits.

    Status 1 if something is not ready, or parked.
    """
    environment = context.obj.attached()

    async def ask() -> bool:
        processes, services = await asyncio.gather(run_status.processes(environment), run_status.services(environment))
        return run_status.show(console, environment, processes, services)

    if not asyncio.run(ask()):
        raise typer.Exit(EXIT_FAILED)


@command.command()
def stop(context: typer.Context) -> None:
    """Stop the system, and wait until its processes have ended."""
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


def main() -> None:
    """Entry point of ``skill-voucher``: errors are said in words, with what helps, and end with status 1."""
    at = Place(DEFAULT_STATE)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs each retry; what matters is raised
    try:
        command(obj=at, prog_name=program())
    except (LocalRunError, PermissionError) as error:
        explain(Console(stderr=True), error, at.root)
        sys.exit(EXIT_FAILED)


def _root(context: typer.Context) -> Path:
    root: Path = context.obj.root
    return root


def _ask_parked(context: typer.Context, service: Service, action: str, number: int, *options: str) -> None:
    if status := _of_service(context, service, "parked", action, str(number), *options):
        typer.echo(f"`{program(_root(context))} parked list {service}` shows what is parked there.", err=True)
        raise typer.Exit(status)


def _of_service(context: typer.Context, service: Service, *arguments: str) -> int:
    """Run a command of a service, with the settings of its worker process; returns its exit status."""
    process = context.obj.attached().command(service.value, Process.WORKER)
    argv = [*process.argv[:-1], *arguments]
    return subprocess.run(argv, env=dict(process.environment), cwd=process.cwd, check=False).returncode


def _what_a_token_lacks(role: Role, asked: Mapping[str, object]) -> str:
    missing = [option for option in NEEDED_OPTIONS.get(role, ()) if not asked[option.removeprefix("--")]]
    if missing:
        return f"a token of the role {role} needs {' and '.join(missing)}"
    return "--person must be a UUID, --institution a valid credit code, --area a code of six digits"


def _shanghai(time: datetime) -> str:
    return f"{time.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} in Asia/Shanghai"
