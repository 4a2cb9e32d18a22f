"""Appending to the log and verifying it. Nothing else writes here, and nothing here ever changes an entry."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from services.audit.log import domain, queries
from services.audit.log.domain import Break, Entry, Flaw, Head, Subject, TreeCheck
from services.audit.log.models import LogEntry
from services.audit.tree.domain import GrowingTree, TreeHead
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
    database itself refuses rows that do not continue the chain or leave a gap in their aggregate, and grows the tree.
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
    `finished` is False and the next turn begins there. `tree` is the head of the tree so far, and of the first
    `signed_entries` of it this turn has found a signed head to hold.
    """

    head: Head
    broken: Break | None
    finished: bool
    tree: TreeHead
    signed_entries: int = 0


async def verify_log(
    uow: UnitOfWork,
    *,
    begin: int = 0,
    noted: Head | None = None,
    signed: Sequence[TreeHead] = (),
    limit: int = ENTRIES_PER_VERIFICATION,
    page_entries: int = PAGE_ENTRIES,
    hashes_only: bool = False,
) -> Verification:
    """Walk the chain from entry `begin` and recompute it, page by page; the first entry that does not hold ends it.

    Beside the chain, the Merkle tree is recomputed and held against its stored tiles and the heads `signed`. Unless
    `hashes_only`, every column is held against its envelope, every envelope is signed by its owner, every aggregate's
    versions must stand in order and without a gap, and what audit remembers having received must be there.
    `noted` is a head of the chain that somebody wrote down earlier. Only such a note, or a head signed and kept
    elsewhere, shows that real entries were put in another order, or that whole aggregates were left out, in a log that
    its owner wrote anew.
    """
    if noted is not None and await queries.head_at(uow, noted.entries) != noted:
        return await _nothing_walked(uow, Break(noted.entries, Flaw.NOTED_HEAD))
    start = await queries.head_at(uow, begin)
    if start is None:
        return await _nothing_walked(uow, Break(begin, Flaw.INDEX))
    tree = await queries.tree_at(uow, begin)
    if tree.size != begin:
        return await _nothing_walked(uow, Break(begin, Flaw.TREE))
    check = TreeCheck(tree, sorted(signed, key=lambda head: head.size))
    walk = _verify_hashes if hashes_only else _verify_pages
    head, broken, finished = await walk(uow, start, check, begin + limit, page_entries)
    if broken is None and finished:
        cut_off = not hashes_only and await queries.is_cut_off(uow, CONSUMER)
        broken = Break(head.entries, Flaw.CUT_OFF) if cut_off else check.end(await queries.count_tiles(uow))
    return Verification(head, broken, finished, check.tree.head(), check.signed)


async def _nothing_walked(uow: UnitOfWork, broken: Break) -> Verification:
    return Verification(await queries.head(uow), broken, finished=True, tree=GrowingTree().head())


Walked = tuple[Head, Break | None, bool]
"""How far a walk came, what does not hold, and whether the log ends there."""


async def _verify_pages(uow: UnitOfWork, head: Head, check: TreeCheck, until: int, page_entries: int) -> Walked:
    while head.entries < until:
        page = await queries.page(uow, after=head.entries - 1, limit=min(page_entries, until - head.entries))
        if not page:
            return head, None, True
        followed = await asyncio.to_thread(domain.follow, head, page, read_subject)
        sound = page if isinstance(followed, Head) else [entry for entry in page if entry.index < followed.index]
        flaws = [*([followed] if isinstance(followed, Break) else []), *await _unbelieved(uow, sound)]
        if not flaws:
            flaws = await _check_tree(uow, check, [entry.envelope for entry in page])
        if flaws or isinstance(followed, Break):
            broken = min(flaws, key=lambda found: found.index)
            return _before(head, [(entry.index, entry.hash) for entry in page], broken.index), broken, True
        head = followed
    return head, None, False


async def _verify_hashes(uow: UnitOfWork, head: Head, check: TreeCheck, until: int, page_entries: int) -> Walked:
    """While a page is hashed in a thread, the next is read."""
    page = await queries.hashed_page(uow, after=head.entries - 1, limit=min(page_entries, until - head.entries))
    while page:
        end = head.entries + len(page)
        hashing = asyncio.create_task(asyncio.to_thread(_follow_hashes, head, check, page))
        following = await queries.hashed_page(uow, after=end - 1, limit=min(page_entries, until - end))
        followed, flaws = await hashing
        if isinstance(followed, Head):
            flaws += await _differing_tiles(uow, check)
        if flaws or isinstance(followed, Break):
            broken = min(flaws, key=lambda found: found.index)
            return _before(head, [(row[0], row[1]) for row in page], broken.index), broken, True
        head, page = followed, following
    return head, None, head.entries < until


def _follow_hashes(
    head: Head, check: TreeCheck, page: Sequence[tuple[int, bytes, bytes]]
) -> tuple[Head | Break, list[Break]]:
    followed = domain.follow_hashes(head, page)
    if isinstance(followed, Break):
        return followed, [followed]
    forked = check.follow([row[2] for row in page])
    return followed, [] if forked is None else [forked]


async def _unbelieved(uow: UnitOfWork, sound: Sequence[Entry]) -> list[Break]:
    """Entries that follow in the chain, and that their owner did not sign or whose version before is missing."""
    gap = await queries.first_without_predecessor(uow, sound)
    unsigned = await asyncio.to_thread(first_unsigned, sound, uow.keys.events)
    return [Break(at, flaw) for at, flaw in ((unsigned, Flaw.SIGNATURE), (gap, Flaw.VERSION)) if at is not None]


async def _check_tree(uow: UnitOfWork, check: TreeCheck, envelopes: Sequence[bytes]) -> list[Break]:
    forked = await asyncio.to_thread(check.follow, envelopes)
    return [*await _differing_tiles(uow, check), *([] if forked is None else [forked])]


async def _differing_tiles(uow: UnitOfWork, check: TreeCheck) -> list[Break]:
    differing = check.differing(await queries.find_stored_tiles(uow, [tile for tile, _ in check.finished]))
    return [] if differing is None else [differing]


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


def _before(head: Head, page: Sequence[tuple[int, bytes]], index: int) -> Head:
    """The head just before entry `index` of a page that follows `head`; of the page (index, hash)."""
    sound = [(at, digest) for at, digest in page if at < index]
    return Head(sound[-1][0] + 1, sound[-1][1]) if sound else head
