"""The command line that every service has: api, worker, migrate, parked, and what compares services."""

import asyncio
import base64
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError

from shared.kernel.errors import DomainError
from shared.messaging import WorkerProcess
from shared.messaging.parked import (
    ParkedEvent,
    RegisteredPerson,
    discard_parked,
    list_parked,
    replay_parked,
    show_parked,
)
from shared.messaging.reconciliation import (
    LastVersion,
    Logged,
    find_behind,
    last_versions,
    list_incomplete,
    park_missing,
    receive_logged,
)
from shared.messaging.worker import run_worker
from shared.persistence import Database, migrations
from shared.persistence.models import load_models
from shared.security import TokenVerifier
from shared.settings import Profile, Settings, SettingsInvalid

SCHEMA_LOOKED_AT_S = 5.0

Answer = TypeVar("Answer")

Number = Annotated[int, typer.Argument(help="The number of the event in `parked list`.")]

EXIT_REFUSED = 1
EXIT_MISSING = 3
"""Status of `reconcile` when events are missing."""
LOOK_AGAIN_S = 1.0


def service_command(worker: WorkerProcess, *, app: str, registered_person: RegisteredPerson) -> typer.Typer:
    """The commands of one service.

    `app` is the import path of its HTTP application's factory; `registered_person` says who is one natural person.
    """
    command = typer.Typer(
        help=f"The processes of the service {worker.service}, and what is done to its database by hand.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,  # its frames go past the masking of logs
    )

    @command.command()
    def api() -> None:
        """Serve the HTTP interface until stopped."""
        from shared.http.server import serve  # only this command needs the web framework

        serve(app, _settings())

    @command.command("worker")
    def run_worker_process() -> None:
        """Run the relay, the consumer and the timers until stopped."""
        run_worker(worker, _settings())

    @command.command()
    def migrate(
        revision: Annotated[str, typer.Option(help="The edition of the tables to go to.")] = "head",
    ) -> None:
        """Bring the database to an edition of its tables, as its owner.

        Outside production the business clock becomes movable.
        """
        settings = _settings()
        url = settings.need_text("database_url")

        async def run() -> None:
            await migrations.upgrade(worker.service, url, revision)
            if settings.profile is not Profile.PRODUCTION:
                await migrations.make_clock_movable(url)

        asyncio.run(run())

    @command.command("await-schema")
    def await_schema() -> None:
        """Wait until the database's tables fit this code: before an API or a worker starts beside a migration."""
        url = _settings().need_text("database_url")
        asyncio.run(wait_for_schema(worker.service, url))

    command.add_typer(parked_command(worker, registered_person), name="parked")
    _add_reconciliation(command, worker)
    return command


async def wait_for_schema(service: str, url: str) -> None:
    """Return once the tables are of the edition that this code needs, or of a later one; a line each five seconds."""
    while True:
        try:
            found = await migrations.edition(service, url)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            typer.echo(f"{service}: the database does not answer yet ({type(error).__name__})")
        else:
            typer.echo(f"{service}: the tables are of edition {found.stored}, this code needs {found.needed}")
            if found.fits:
                return
        await asyncio.sleep(SCHEMA_LOOKED_AT_S)


def _add_reconciliation(command: typer.Typer, worker: WorkerProcess) -> None:
    @command.command()
    def versions() -> None:
        """Print how many events each aggregate of this service has had: its type, id and version, a line each."""
        load_models(worker.service)

        async def run(database: Database) -> None:
            async for last in last_versions(database, worker.service):
                typer.echo(f"{last.aggregate_type} {last.aggregate_id} {last.version}")

        with_database(run)

    @command.command()
    def reconcile(
        patience_s: Annotated[float, typer.Option(help="How long those that are behind may take to catch up.")] = 120.0,
    ) -> None:
        """Compare what was received here with the `versions` of other services, read from the standard input.

        What is missing is parked. Status 3 if something is: it is printed as type, id, and version received.
        """

        async def run(database: Database) -> list[LastVersion]:
            consumer, deadline = worker.consumer(database), time.monotonic() + patience_s
            async with database.unit_of_work() as uow:
                behind = await find_behind(uow, consumer.name, read_versions())
            while behind and time.monotonic() < deadline:
                await asyncio.sleep(LOOK_AGAIN_S)
                async with database.unit_of_work() as uow:
                    behind = await find_behind(uow, consumer.name, behind)
            await park_missing(database, consumer, behind)
            return await list_incomplete(database, consumer.name)

        incomplete = with_database(run)
        for last in incomplete:
            typer.echo(f"{last.aggregate_type} {last.aggregate_id} {last.version}")
        if incomplete:
            raise typer.Exit(EXIT_MISSING)

    @command.command()
    def receive() -> None:
        """Apply events that audit's `records` printed, read from the standard input, where they are missing here."""
        logged = list(_read_logged())
        count = with_database(lambda database: receive_logged(database, worker.consumer(database), logged))
        typer.echo(f"{count} {'event was' if count == 1 else 'events were'} applied.")


def read_versions() -> Iterator[LastVersion]:
    """The lines of the standard input, as `versions` and `reconcile` print them; BadParameter for others."""
    for line in sys.stdin:
        try:
            aggregate_type, aggregate_id, version = line.split()
            yield LastVersion(aggregate_type, aggregate_id, int(version))
        except ValueError:
            raise typer.BadParameter(f"this is no type, id and version: {line!r}") from None


def _read_logged() -> Iterator[Logged]:
    for line in sys.stdin:
        try:
            index, aggregate_type, aggregate_id, version, envelope = line.split()
            yield Logged(int(index), aggregate_type, aggregate_id, int(version), base64.b64decode(envelope))
        except ValueError:
            raise typer.BadParameter(f"this is no entry of the audit log: {line!r}") from None


def parked_command(worker: WorkerProcess, registered_person: RegisteredPerson) -> typer.Typer:
    """Look at events that could not be applied, and apply them again."""
    command = typer.Typer(
        help="Events that could not be applied: they, and what follows them, wait to be looked at.",
        no_args_is_help=True,
    )

    @command.command("list")
    def list_events() -> None:
        """List the oldest of them, and why each could not be applied."""
        found = with_database(list_parked)
        if not found:
            typer.echo(f"Nothing is parked in {worker.service}.")
        for event in found:
            typer.echo(f"{event.id}  {_heading(event)}\n   {event.code}: {event.detail}")

    @command.command()
    def show(number: Number) -> None:
        """Show one of them: where it came from, why it could not be applied, and the whole of it."""
        event = with_database(lambda database: show_parked(database, number))
        typer.echo(
            f"{event.id}  {_heading(event)}\n"
            f"   {event.code}: {event.detail}\n"
            f"   read from {event.topic}, partition {event.partition}, position {event.position}; "
            f"parked at {event.parked_at.isoformat(timespec='seconds')}"
        )
        text = event.envelope.decode(errors="backslashreplace")
        typer.echo(text if text.isprintable() else ascii(text))

    @command.command()
    def replay(number: Number) -> None:
        """Apply one of them again, and then those of the same aggregate that wait behind it."""
        count = with_database(lambda database: replay_parked(database, worker.consumer(database), number))
        typer.echo(f"{count} {'event was' if count == 1 else 'events were'} applied.")

    @command.command()
    def discard(
        number: Number,
        reason: Annotated[str, typer.Option(help="Why nobody needs it; kept with it.")],
        first_token: Annotated[Path, typer.Option(help="File with the access token of one person.")],
        second_token: Annotated[Path, typer.Option(help="File with the access token of another person.")],
    ) -> None:
        """Throw one of them away: two persons do it, each by an access token of their own, and it is recorded.

        What its owner signed and its aggregate still needs is not discarded.
        """

        async def run(database: Database) -> ParkedEvent:
            tokens = TokenVerifier.from_settings(database.settings)
            by = (tokens.principal_of(_read_token(first_token)), tokens.principal_of(_read_token(second_token)))
            consumer = worker.consumer(database)
            return await discard_parked(database, consumer, number, by, reason, registered_person)

        event = with_database(run)
        typer.echo(f"{_heading(event)} was discarded.")

    return command


def _read_token(path: Path) -> str:
    """The token in a file, or in the next line of the standard input where the file is `-`."""
    return (sys.stdin.readline() if str(path) == "-" else path.read_text(encoding="utf-8")).strip()


def _heading(event: ParkedEvent) -> str:
    return f"{event.event_type}, version {event.version} of {event.aggregate_type} {event.aggregate_id}"


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except SettingsInvalid as invalid:
        raise typer.BadParameter(str(invalid)) from None


def with_database(do: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """Do something with the service's database; a refusal is said in words and ends the command with status 1."""

    async def run() -> Answer:
        settings = _settings()
        database = Database(settings.need_text("database_url"), settings=settings, pool_size=1)
        try:
            return await do(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except DomainError as refusal:
        typer.echo(f"{refusal} ({refusal.code})", err=True)
        raise typer.Exit(EXIT_REFUSED) from None
