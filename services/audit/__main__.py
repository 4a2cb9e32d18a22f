"""The audit service's command line: what every service has, and `python -m services.audit verify | records`."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.audit.checkpoints.service import keep_checkpoints, read_outside
from services.audit.log import queries
from services.audit.log.domain import Entry, Flaw, Head
from services.audit.log.service import Verification
from services.audit.packages.domain import LogPackage, LogSelection
from services.audit.packages.service import take_package
from services.audit.tree.domain import TreeHead
from services.audit.verifications.service import verify as verify_turn
from services.audit.worker import worker
from shared.command import read_versions, service_command, with_database
from shared.kernel.actor import Actor, ActorKind
from shared.persistence import Database
from shared.persons import registered_person

command = service_command(worker(), app="services.audit.main:app", registered_person=registered_person)

FLAWS = {
    Flaw.INDEX: "something was taken out before it, or the entries were renumbered",
    Flaw.HASH: "it was edited, exchanged or moved; its hash is not that of its text after the entry before",
    Flaw.SUBJECT: "its text cannot be read, or names another aggregate or version than its row",
    Flaw.SIGNATURE: "the service that it names did not sign it",
    Flaw.VERSION: "the version of the same aggregate that must come before it does not",
    Flaw.CUT_OFF: "the end was cut off: more events were received than the log has",
    Flaw.TREE: "the tree that is stored is not the one that its entries make up",
    Flaw.SIGNED_HEAD: "from there on the log is not the one whose head was signed; it was cut off or written anew",
    Flaw.CHECKPOINT: "a head is stored there as signed that the log's key did not sign, or not like this",
    Flaw.NOTED_HEAD: "the log does not have the head that was noted; it was cut off or written anew",
}
"""What is wrong with an entry, in words."""

EXPORT_MOST = 1_000_000
"""Entries of a package; it is put together in memory."""
EXIT_BROKEN = 3
"""Status of `verify` when an entry does not hold; other failures have 1 or 2."""


async def _verify_whole(
    database: Database, noted: Head | None, outside: Sequence[TreeHead], *, hashes_only: bool
) -> Verification:
    """Verify turn by turn, each in a unit of work of its own, to the end or to the first entry that does not hold."""
    begin = signed = 0
    while True:
        async with database.unit_of_work() as uow:
            found = await verify_turn(uow, begin=begin, noted=noted, outside=outside, hashes_only=hashes_only)
        signed = max(signed, found.signed_entries)
        if found.finished:
            return replace(found, signed_entries=signed)
        begin, noted = found.head.entries, None


@command.command()
def records() -> None:
    """Print the events that a `reconcile` found missing, read from the standard input, as the log has them.

    A line each: index, aggregate's type and id, version, and the very bytes in base64. `receive` takes them.
    """
    wanted = list(read_versions())

    async def run(database: Database) -> list[Entry]:
        async with database.unit_of_work() as uow:
            return [entry for last in wanted for entry in await queries.after_version(uow, *last)]

    for entry in with_database(run):
        subject, envelope = entry.subject, base64.b64encode(entry.envelope).decode()
        typer.echo(f"{entry.index} {subject.aggregate_type} {subject.aggregate_id} {subject.version} {envelope}")


@command.command()
def export(
    output: Annotated[Path, typer.Option(help="The ZIP file to be written.")],
    begin: Annotated[int | None, typer.Option(min=0, help="Index of the first entry of a range.")] = None,
    end: Annotated[int | None, typer.Option(min=0, help="Index after the last.")] = None,
    aggregate_id: Annotated[UUID | None, typer.Option(help="All entries of this record instead.")] = None,
    person: Annotated[UUID | None, typer.Option(help="All entries of this person and everything of theirs.")] = None,
    known: Annotated[
        list[Path] | None, typer.Option(help="A signed head kept elsewhere, or a directory of them; may be repeated.")
    ] = None,
) -> None:
    """Write a package of the log: entries with proofs under a head that is signed now, to be verified offline."""
    selection = LogSelection(begin, end, aggregate_id, person)

    async def run(database: Database) -> LogPackage:
        heads = [head for place in known or [] for head in read_outside(place, database.keys.tree_heads)]
        if database.settings.tree_head_key_file is not None:
            await keep_checkpoints(database, at_once=True)
        async with database.unit_of_work(Actor(ActorKind.COMMAND, "audit.export")) as uow:
            sizes = [head.size for head in heads]
            return await take_package(uow, selection, known_sizes=sizes, most=EXPORT_MOST, account="audit.export")

    package = with_database(run)
    output.write_bytes(package.content)
    typer.echo(
        f"{package.count} entries under the signed head of {package.head.size}: {output}\n"
        f"SHA-256 {package.digest.hex()}"
        + (f"\n{package.not_covered} more are under no signed head yet." if package.not_covered else "")
    )


@command.command("keys")
def show_keys() -> None:
    """Print the public keys of the log's signed heads and of its witnesses, for whoever verifies them elsewhere."""

    async def run(database: Database) -> list[str]:
        return [*database.keys.tree_heads.verifier_keys(), *database.keys.witnesses.verifier_keys()]

    typer.echo("\n".join(with_database(run)))


@command.command()
def verify(
    noted: Annotated[str | None, typer.Option(help="A head noted earlier, ENTRIES:HASH; the log must hold it.")] = None,
    checkpoints: Annotated[
        list[Path] | None, typer.Option(help="A signed head kept elsewhere, or a directory of them; may be repeated.")
    ] = None,
    *,
    hashes_only: Annotated[
        bool, typer.Option("--hashes-only", help="Recompute hashes alone: no event is read or its signature verified.")
    ] = False,
) -> None:
    """Recompute the hash chain and the Merkle tree over the whole log of events, and hold every signed head against it.

    Signed heads are those that are stored, those of the directory of the settings, and those of --checkpoints.
    Status 3, and the first entry that does not hold, if it is broken.
    """
    head = _noted_head(noted)

    async def run(database: Database) -> tuple[Verification, list[TreeHead]]:
        directory = database.settings.checkpoint_directory
        places = [*(checkpoints or []), *([directory] if directory and directory.exists() else [])]
        outside = [found for place in places for found in read_outside(place, database.keys.tree_heads)]
        return await _verify_whole(database, head, outside, hashes_only=hashes_only), outside

    verification, outside = with_database(run)
    reached = f"{verification.head.entries}:{verification.head.hash.hex()}"
    if verification.broken is not None:
        flaw = FLAWS[verification.broken.flaw]
        typer.echo(f"BROKEN at entry {verification.broken.index}: {flaw}.\nThe log holds up to {reached}.")
        raise typer.Exit(EXIT_BROKEN)
    what = "are as they were written" if not hashes_only else "have the hashes that they had"
    typer.echo(
        f"The log holds: all {verification.head.entries} events {what}, none is missing or moved.\n"
        f"Its head is {reached}.\n"
        f"{_what_was_signed(verification, outside)}\n"
        "Note the head elsewhere: given as --noted, it shows later whether anything before it was rewritten."
    )


def _what_was_signed(verification: Verification, outside: Sequence[TreeHead]) -> str:
    kept = max((head.size for head in outside), default=0)
    if not verification.signed_entries:
        return "No head of its tree was signed yet."
    where = f"outside the database that of the first {kept}" if kept else "none of them was looked for elsewhere"
    return f"Every signed head of its tree holds: the last is of the first {verification.signed_entries}; {where}."


def _noted_head(text: str | None) -> Head | None:
    if text is None:
        return None
    entries, _, digest = text.partition(":")
    try:
        return Head(int(entries), bytes.fromhex(digest))
    except ValueError:
        raise typer.BadParameter("a noted head is ENTRIES:HASH") from None


if __name__ == "__main__":
    command()
