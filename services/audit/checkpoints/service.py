"""Signing heads of the log's tree, keeping them outside the database, and taking in what witnesses say of them."""

import asyncio
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.audit.checkpoints import queries
from services.audit.checkpoints.domain import (
    CheckpointOfAnotherLog,
    LogForked,
    StoredCheckpoint,
    WitnessNotRegistered,
    checkpoint_text,
    is_due,
    read_checkpoint_text,
)
from services.audit.checkpoints.models import Checkpoint, Cosignature
from services.audit.log.queries import head as log_head
from services.audit.proofs.service import tree_head
from services.audit.tree.domain import TreeHead
from shared.persistence import Database, UnitOfWork
from shared.security import NoteVerifier, SignedNoteInvalid, read_note, read_signature

SIGNER_LOCK = 0x5041_5349_474E
"""Key of the advisory lock against two processes that sign at the same time."""
SUFFIX = ".checkpoint"
NEWEST = 2
"""So many heads outside are held against the tree before the next is signed: there is one more every five minutes."""


async def keep_checkpoints(database: Database, *, at_once: bool = False) -> int:
    """Sign a head if one is due, and see that the last is kept outside; answers how many were signed.

    `at_once`, as for a report, does not wait until five minutes have passed.

    `LogForked` if the log does not continue the last head, in the database or outside. Between the two units of work a
    process may end: the file is then written in the next turn.
    """
    directory = database.settings.checkpoint_directory
    async with database.unit_of_work() as uow:
        last, entries = await queries.find_latest(uow), (await log_head(uow)).entries
        grown = entries > (0 if last is None else last.head.size)
        due = grown if at_once else is_due(last, entries, uow.recorded_at)
    if due:
        outside: list[TreeHead] = []
        if directory is not None:
            outside = await asyncio.to_thread(read_outside, directory, database.keys.tree_heads, NEWEST)
        async with database.unit_of_work() as uow:
            last = await sign_head(uow, outside)
    if directory is not None and last is not None:
        await asyncio.to_thread(write_outside, directory, last)
    return int(due)


async def sign_head(uow: UnitOfWork, outside: Iterable[TreeHead] = ()) -> StoredCheckpoint | None:
    """The signed head of the log as it is now, the last one if the log did not grow; None of an empty log.

    `outside` are heads that were signed and kept elsewhere. `LogForked` if the log does not continue the largest of
    them or the last that is stored.
    """
    await uow.session.execute(select(func.pg_advisory_xact_lock(SIGNER_LOCK)))  # against two signers at a time
    last, entries = await queries.find_latest(uow), (await log_head(uow)).entries
    before = [*outside] if last is None else [*outside, last.head]
    for head in sorted(before, key=lambda head: -head.size)[:NEWEST]:
        if head.size > entries or await tree_head(uow, head.size) != head:
            raise LogForked(size=head.size)
    if entries == 0 or (last is not None and last.head.size == entries):
        return last
    head, signer = await tree_head(uow, entries), uow.keys.tree_head_signing
    note = signer.sign(checkpoint_text(signer.origin, head))
    uow.session.add(Checkpoint(tree_size=head.size, root=head.root, note=note, recorded_at=uow.recorded_at))
    await uow.session.flush()
    return StoredCheckpoint(head, note, uow.recorded_at)


async def add_cosignature(uow: UnitOfWork, tree_size: int, line: str) -> StoredCheckpoint:
    """Keep a witness's cosignature of the checkpoint of this size; a second of the same witness changes nothing.

    `CheckpointNotFound`; `SignedNoteInvalid` if it is none of this checkpoint; `WitnessNotRegistered`.
    """
    checkpoint = await queries.get_checkpoint(uow, tree_size)
    text, _ = read_note(checkpoint.note)
    said = uow.keys.witnesses.verify(text, read_signature(line))
    if said is None:
        raise WitnessNotRegistered
    try:
        cosigned_at = datetime.fromtimestamp(said.seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise SignedNoteInvalid from None
    row = {"tree_size": tree_size, "witness": said.witness, "line": line, "cosigned_at": cosigned_at}
    await uow.session.execute(insert(Cosignature).values(row).on_conflict_do_nothing())
    return await queries.get_checkpoint(uow, tree_size)


def read_head(note: str, keys: NoteVerifier) -> TreeHead:
    """The head that a signed note is of; `SignedNoteInvalid`, or `CheckpointOfAnotherLog` if it is of another log.

    Whoever signed is a log whose key is known, and its key's name is the log's origin.
    """
    text = keys.verify(note)
    origin, head = read_checkpoint_text(text)
    _, signatures = read_note(note)
    if origin not in {signed.name for signed in signatures}:
        raise CheckpointOfAnotherLog
    return head


def read_outside(directory: Path, keys: NoteVerifier, newest: int = sys.maxsize) -> list[TreeHead]:
    """The `newest` heads that are kept in a directory, ascending, or the one in a file.

    What is damaged or of another log is refused.
    """
    if not directory.exists():
        return []
    paths = sorted(path for path in directory.iterdir() if path.suffix == SUFFIX) if directory.is_dir() else [directory]
    return [read_head(path.read_text(encoding="utf-8", errors="replace"), keys) for path in paths[-newest:]]


def write_outside(directory: Path, checkpoint: StoredCheckpoint) -> None:
    """Keep a checkpoint in a file named by its size, written whole or not at all. What is there is never replaced."""
    path = directory / f"{checkpoint.head.size:018}{SUFFIX}"
    if path.exists():
        return
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = directory / f".{path.name}.{os.getpid()}"
    with unfinished.open("w", encoding="utf-8") as stream:
        stream.write(checkpoint.note)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        with suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        unfinished.unlink()
