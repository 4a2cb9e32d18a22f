"""Putting packages together, and recording that somebody took them."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from services.audit.case_facts import queries as case_queries
from services.audit.checkpoints.domain import CheckpointNotFound, StoredCheckpoint, read_checkpoint_text
from services.audit.checkpoints.queries import find_latest
from services.audit.exports.domain import ExportKind
from services.audit.exports.service import record_export
from services.audit.log import queries
from services.audit.log.domain import Entry
from services.audit.packages.domain import Evidence, LogPackage, LogPackageTooLarge, LogSelection, write_package
from services.audit.proofs.service import prove_growth, span_roots
from services.audit.tree.domain import missing_spans
from shared.persistence import UnitOfWork
from shared.persons import person_behind
from shared.security import published, read_note


async def take_package(
    uow: UnitOfWork, selection: LogSelection, *, known_sizes: Sequence[int], most: int, account: str
) -> LogPackage:
    """The package of what is chosen, under the last signed head; that `account` took it is recorded.

    With a proof from each head of `known_sizes` entries that is not larger. What came after the last signed head is
    counted and left out. `CheckpointNotFound` if no head was signed yet; `LogSelectionInvalid`; `LogPackageTooLarge`
    if more than `most` entries are chosen.
    """
    selection.check()
    checkpoint = await find_latest(uow)
    if checkpoint is None:
        raise CheckpointNotFound
    chosen = await _chosen(uow, selection, most + 1)
    if len(chosen) > most:
        raise LogPackageTooLarge(most=most)
    entries = [entry for entry in chosen if entry.index < checkpoint.head.size]
    evidence = await _evidence(uow, checkpoint, entries, known_sizes)
    content = await asyncio.to_thread(write_package, entries, evidence)
    package = LogPackage(content, checkpoint.head, len(entries), len(chosen) - len(entries))
    record_export(uow, account=account, kind=ExportKind.LOG_PACKAGE, count=len(entries), digest=package.digest)
    return package


async def _chosen(uow: UnitOfWork, selection: LogSelection, limit: int) -> list[Entry]:
    if selection.aggregate_id is not None:
        return await queries.page(uow, after=-1, limit=limit, aggregate_id=str(selection.aggregate_id))
    if selection.person_id is not None:
        aggregates = await _aggregates_of(uow, selection.person_id)
        return [entry for entry, _ in await queries.of_aggregates(uow, aggregates, limit=limit)]
    begin = selection.begin or 0
    if selection.end is not None:
        limit = max(min(limit, selection.end - begin), 0)
    return await queries.page(uow, after=begin - 1, limit=limit)


async def _aggregates_of(uow: UnitOfWork, person_id: UUID) -> list[tuple[str, str]]:
    """The person's records, and everything of them."""
    person = await person_behind(uow, person_id)
    records = sorted(person.records if person else {person_id})
    facts = await case_queries.of_person(uow, records)
    return [*(("voucher.person", str(record)) for record in records), *case_queries.aggregates(facts)]


async def _evidence(
    uow: UnitOfWork, checkpoint: StoredCheckpoint, entries: Sequence[Entry], known_sizes: Sequence[int]
) -> Evidence:
    head = checkpoint.head
    spans = list(missing_spans([entry.index for entry in entries], head.size))
    sizes = sorted({size for size in known_sizes if 0 < size < head.size})
    text, _ = read_note(checkpoint.note)
    origin, _ = read_checkpoint_text(text)
    return Evidence(
        origin=origin,
        head=head,
        checkpoint=checkpoint.cosigned_note,
        subtrees=await span_roots(uow, spans),
        consistency=await prove_growth(uow, sizes, head.size),
        log_keys=uow.keys.tree_heads.verifier_keys(),
        witness_keys=uow.keys.witnesses.verifier_keys(),
        event_keys=published(uow.keys.event_key_set),
    )
