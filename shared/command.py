"""The command line that every service has: api, worker, migrate, parked."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from shared.kernel.errors import DomainError
from shared.messaging import WorkerProcess
from shared.messaging.parked import list_parked, replay_parked, show_parked
from shared.messaging.worker import run_worker
from shared.persistence import Database, migrations
from shared.settings import Profile, Settings, SettingsInvalid

Answer = TypeVar("Answer")

console = Console()


def service_command(worker: WorkerProcess, *, app: str) -> typer.Typer:
    """The commands of one service; `app` is the import path of its HTTP application's factory."""
    command = typer.Typer(
        help=f"The service {worker.service}.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # its frames go past the masking of logs
    )

    @command.command()
    def api() -> None:
        """Serve the HTTP interface until told to stop."""
        from shared.http.server import serve  # only this command needs the web framework

        serve(app, _settings())

    @command.command("worker")
    def work() -> None:
        """Run the relay, the consumer and the timers until told to stop."""
        run_worker(worker, _settings())

    @command.command()
    def migrate(revision: str = "head") -> None:
        """Bring the database to a revision, as its owner. Outside production the business clock becomes movable."""
        settings = _settings()
        url = settings.need_text("database_url")

        async def run() -> None:
            await migrations.upgrade(worker.service, url, revision)
            if settings.profile is not Profile.PRODUCTION:
                await migrations.make_clock_movable(url)

        asyncio.run(run())

    command.add_typer(parked_command(worker), name="parked")
    return command


def parked_command(worker: WorkerProcess) -> typer.Typer:
    """Look at events that could not be applied, and apply them again."""
    command = typer.Typer(help="Events that could not be applied.", no_args_is_help=True)

    @command.command("list")
    def listing() -> None:
        """The oldest parked events."""
        table = Table("number", "aggregate", "version", "type", "code", "detail", "parked at")
        for one in _with_database(list_parked):
            aggregate = f"{one.aggregate_type} {one.aggregate_id}"
            row = (one.id, aggregate, one.version, one.event_type, one.code, one.detail, one.parked_at)
            table.add_row(*(str(cell) for cell in row))
        console.print(table)

    @command.command()
    def show(number: Annotated[int, typer.Argument()]) -> None:
        """One parked event with its envelope."""
        one = _with_database(lambda database: show_parked(database, number))
        console.print_json(json.dumps({"code": one.code, "detail": one.detail}))
        console.print(one.envelope, markup=False, soft_wrap=True)

    @command.command()
    def replay(number: Annotated[int, typer.Argument()]) -> None:
        """Apply a parked event and those that parked behind it."""
        count = _with_database(lambda database: replay_parked(database, worker.consumer(database), number))
        console.print(f"{count} events applied")

    return command


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except SettingsInvalid as invalid:
        raise typer.BadParameter(str(invalid)) from None


def _with_database(do: Callable[[Database], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        database = Database(_settings().need_text("database_url"), pool_size=1)
        try:
            return await do(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except DomainError as refusal:
        raise typer.BadParameter(f"{refusal.code}: {refusal}") from None
