"""A log of many small entries, written as the worker's role writes them."""

import hashlib
from collections.abc import Sequence

import asyncpg

from services.audit.log.domain import Entry, Head, Subject, extend
from services.audit.log.service import COLUMNS
from services.audit.tree.domain import GrowingTree, TreeHead, leaf_hash
from tests.databases import ServiceDatabase


def small_entries(count: int, head: Head = Head()) -> list[Entry]:  # noqa: B008  # an immutable value
    """Entries after `head`, each the only event of its aggregate."""
    numbers = range(head.entries, head.entries + count)
    return extend(head, [(Subject("probe.lamp", str(number), 1), f'{{"n":{number}}}'.encode()) for number in numbers])


async def write_entries(audit: ServiceDatabase, entries: Sequence[Entry], *, role: str = "worker") -> None:
    """Append entries by one COPY."""
    records = [
        (entry.index, entry.hash, *subject_of(entry), entry.envelope) for entry in entries
    ]  # fmt: skip
    url = getattr(audit, role).url.replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(url)
    try:
        await connection.copy_records_to_table("log_entries", columns=COLUMNS, records=records)
    finally:
        await connection.close()


def subject_of(entry: Entry) -> tuple[str, str, int]:
    """The columns that name whose change an entry is."""
    return entry.subject.aggregate_type, entry.subject.aggregate_id, entry.subject.version


def head_over(entries: Sequence[Entry]) -> TreeHead:
    """The head of the tree of these entries."""
    tree = GrowingTree()
    tree.add([leaf_hash(entry.envelope) for entry in entries])
    return tree.head()


def digest(*parts: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(b"".join(parts)).hexdigest()
