"""Appending to the log and verifying it. Nothing else writes here, and nothing here ever changes an entry."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from services.audit.log import domain, queries
from services.audit.log.domain import Break, Entry, Flaw, Head, Subject
from services.audit.log.models import LogEntry
from shared.contracts import EVENT_TYPES
from shared.contracts.envelope import Envelope, EventUnreadable
from shared.messaging import Received
from shared.persistence import UnitOfWork
from shared.security import EventSignatureInvalid, EventVerifier

CONSUMER = "audit"
"""The consumer whose memory the log is held against."""
WRITER_LOCK = 0x5041_5544_4954
"""Key of the advisory lock that gives the chain a single writer at a time."""
PAGE_ENTRIES = 2_000
ENTRIES_PER_VERIFICATION = 100_000
"""The most that a verification recomputes, about ten seconds; it says where to go on."""
COLUMNS = ("leaf_index", "hash", "aggregate_type", "aggregate_id", "version", "envelope")


def read_envelope(stored: bytes) -> Envelope | None:
    """Read a stored envelope anew, as a consumer does; None if it cannot be read, whatever it is."""
    try:
        return EVENT_TYPES.read(stored)
    except EventUnreadable:
        return None


def read_subject(stored: bytes) -> Subject | None:
    """Whose change a stored envelope carries; None if it cannot be read."""
    envelope = read_envelope(stored)
    if envelope is None:
        return None
    event = envelope.event
    return Subject(event.aggregate_type(), str(event.id), event.version)


async def append_envelopes(uow: UnitOfWork, received: Sequence[Received]) -> Head:
    """Append what was received, byte for byte and in its order; answers the new head.

    A single writer at a time: the lock lasts until this transaction ends, so the head read after it is the last. The
    database itself refuses rows that do not continue the chain or leave a gap in their aggregate.
    """
    await uow.session.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))
    head = await queries.head(uow)
    additions = [(Subject(*event.aggregate, event.version), event.record.value) for event in received]
    entries = domain.extend(head, additions)
    connection = await uow.driver_connection()
    await connection.copy_records_to_table(
        LogEntry.__tablename__,
        columns=COLUMNS,
        records=[
            (
                entry.index,
                entry.hash,
                entry.subject.aggregate_type,
                entry.subject.aggregate_id,
                entry.subject.version,
                entry.envelope,
            )
            for entry in entries
        ],
    )
    return Head(entries[-1].index + 1, entries[-1].hash) if entries else head


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    `head` is where it came to: the end of the log, the last entry that holds, or where this turn stopped; then
    `finished` is False and the next turn begins there.
    """

    head: Head
    broken: Break | None
    finished: bool


async def verify_log(
    uow: UnitOfWork,
    *,
    begin: int = 0,
    noted: Head | None = None,
    limit: int = ENTRIES_PER_VERIFICATION,
    page_entries: int = PAGE_ENTRIES,
) -> Verification:
    """Walk the chain from entry `begin` and recompute it, page by page; the first entry that does not hold ends it.

    Besides the hashes, every column is held against its envelope, every envelope is signed by its owner, every
    aggregate's versions must stand in order and without a gap, and what audit remembers having received must be there.
    `noted` is a head that somebody wrote down earlier: only such a note shows that real entries were put in another
    order, or that whole aggregates were left out, in a log that its owner wrote anew.
    """
    if noted is not None and await queries.head_at(uow, noted.entries) != noted:
        return Verification(await queries.head(uow), Break(noted.entries, Flaw.NOTED_HEAD), finished=True)
    start = await queries.head_at(uow, begin)
    if start is None:
        return Verification(await queries.head(uow), Break(begin, Flaw.INDEX), finished=True)
    verified = await _verify_pages(uow, start, begin + limit, page_entries)
    if verified.broken is None and verified.finished and await queries.is_cut_off(uow, CONSUMER):
        return Verification(verified.head, Break(verified.head.entries, Flaw.CUT_OFF), finished=True)
    return verified


async def _verify_pages(uow: UnitOfWork, head: Head, until: int, page_entries: int) -> Verification:
    while head.entries < until:
        page = await queries.page(uow, after=head.entries - 1, limit=min(page_entries, until - head.entries))
        if not page:
            return Verification(head, None, finished=True)
        followed = await asyncio.to_thread(domain.follow, head, page, read_subject)
        sound = page if isinstance(followed, Head) else [entry for entry in page if entry.index < followed.index]
        gap = await queries.first_without_predecessor(uow, sound)
        unsigned = await asyncio.to_thread(first_unsigned, sound, uow.keys.events)
        flaws = [Break(at, flaw) for at, flaw in ((unsigned, Flaw.SIGNATURE), (gap, Flaw.VERSION)) if at is not None]
        if flaws:
            followed = min(flaws, key=lambda found: found.index)
        if isinstance(followed, Break):
            return Verification(_before(head, sound, followed.index), followed, finished=True)
        head = followed
    return Verification(head, None, finished=False)


def first_unsigned(page: Sequence[Entry], verifier: EventVerifier) -> int | None:
    """The first entry that the service which owns its aggregate did not sign."""
    for entry in page:
        try:
            if verifier.signer_of(entry.envelope) != entry.subject.aggregate_type.partition(".")[0]:
                return entry.index
        except EventSignatureInvalid:
            return entry.index
    return None


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry with what its envelope says, or with the flaw for which it is not to be believed."""

    entry: Entry
    envelope: Envelope | None
    flaw: Flaw | None


async def read_aggregates(uow: UnitOfWork, aggregates: Iterable[tuple[str, str]], *, limit: int) -> list[ReadEntry]:
    """Up to `limit` entries of these aggregates (type, id) in the log's order, each held against the entry before."""
    found = await queries.of_aggregates(uow, aggregates, limit=limit)
    return [_read(entry, before) for entry, before in found]


def _read(entry: Entry, before: Head | None) -> ReadEntry:
    followed = Break(entry.index, Flaw.INDEX) if before is None else domain.follow(before, [entry], read_subject)
    if isinstance(followed, Break):
        return ReadEntry(entry, None, followed.flaw)
    return ReadEntry(entry, read_envelope(entry.envelope), None)


def _before(head: Head, page: Sequence[Entry], index: int) -> Head:
    """The head just before entry `index` of a page that follows `head`."""
    sound = [entry for entry in page if entry.index < index]
    return Head(sound[-1].index + 1, sound[-1].hash) if sound else head
