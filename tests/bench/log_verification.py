"""Entries a second that a verification of audit's log recomputes, chain and tree, beside the hashes alone.

python -m tests.bench.log_verification [entries]

The limit is SHA-256 over the same bytes: two hashes of each envelope, after the entry before and as a leaf, and a node
of the tree for each entry. What reads the events too, and verifies their signatures, is shown beside it.
"""

import asyncio
import hashlib
import statistics
import sys
import time

import asyncpg

from services.audit.log.domain import Entry, Head, extend
from services.audit.log.service import COLUMNS, read_subject, verify_log
from tests.audit.publisher import Life, Publisher
from tests.bench.stand import database_stand, report
from tests.databases import ServiceDatabase

ENTRIES = 100_000
THOROUGH = 5_000
ROUNDS = 3


def entries_of(count: int) -> list[Entry]:
    """A log of closed loops, as they are published."""
    publisher = Publisher()
    while len(publisher.records) < count:
        Life(publisher).whole()
    envelopes = [record.value for record in publisher.records[:count]]
    subjects = [read_subject(envelope) for envelope in envelopes]
    return extend(Head(), [(subject, text) for subject, text in zip(subjects, envelopes, strict=True) if subject])


async def write(database: ServiceDatabase, entries: list[Entry]) -> float:
    """Append the entries by one COPY; entries a second, the triggers of chain, tree and versions included."""
    rows = [
        (entry.index, entry.hash, entry.subject.aggregate_type, entry.subject.aggregate_id, entry.subject.version,
         entry.envelope)
        for entry in entries
    ]  # fmt: skip
    connection = await asyncpg.connect(database.dsn)
    began = time.perf_counter()
    for begin in range(0, len(rows), 500):
        await connection.copy_records_to_table("log_entries", columns=COLUMNS, records=rows[begin : begin + 500])
    taken = time.perf_counter() - began
    await connection.close()
    return len(rows) / taken


def hashes_alone(entries: list[Entry]) -> float:
    """Entries a second if nothing but their hashes is computed."""
    previous, node, sha256 = bytes(32), bytes(65), hashlib.sha256
    began = time.perf_counter()
    for entry in entries:
        previous = sha256(previous + entry.envelope).digest()
        sha256(b"\x00" + entry.envelope).digest()
        sha256(node).digest()
    return len(entries) / (time.perf_counter() - began)


async def verifying(database: ServiceDatabase, count: int, *, hashes_only: bool) -> float:
    """Entries a second of a verification."""
    async with database.api.unit_of_work() as uow:
        began = time.perf_counter()
        found = await verify_log(uow, limit=count, hashes_only=hashes_only)
        taken = time.perf_counter() - began
    if found.broken is not None:
        raise SystemExit(f"the log does not hold: {found.broken}")
    return count / taken


async def main(count: int) -> None:
    """Measure in turns and report medians."""
    entries = entries_of(count)
    ours, limit, thorough = (
        "verified, hashes alone",
        "SHA-256 of the same bytes",
        "verified, events read and signatures",
    )
    figures: dict[str, list[float]] = {limit: [], ours: [], thorough: []}
    with database_stand() as databases:
        async with databases.clone("audit") as database:
            appended = await write(database, entries)
            for _ in range(ROUNDS):
                figures[limit].append(hashes_alone(entries))
                figures[ours].append(await verifying(database, count, hashes_only=True))
                figures[thorough].append(await verifying(database, min(count, THOROUGH), hashes_only=False))
    medians = {what: statistics.median(values) for what, values in figures.items()} | {"appended by SQL": appended}
    size = sum(len(entry.envelope) for entry in entries) // count
    report(f"Verification of the log, envelopes of {size} bytes", medians, "entries/s", ours=ours, limit=limit)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES))
