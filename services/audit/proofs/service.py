"""Roots and proofs, from a handful of tiles of the tree, however long the log is."""

from collections.abc import Collection, Sequence

from services.audit.log import queries
from services.audit.proofs.domain import (
    ConsistencyProof,
    InclusionProof,
    LogEntryNotFound,
    TreeSizeBeyondLog,
    TreeSizesReversed,
)
from services.audit.tree import domain
from services.audit.tree.domain import Span, TreeHead
from shared.persistence import UnitOfWork


async def span_roots(uow: UnitOfWork, spans: Collection[Span]) -> dict[Span, bytes]:
    """The roots over spans of leaves, all of which the log has."""
    hashes = await queries.find_tiles(uow, domain.tiles_of(spans))
    return {span: domain.span_root(span, hashes.__getitem__) for span in spans}


async def tree_head(uow: UnitOfWork, size: int | None = None) -> TreeHead:
    """The head of the tree of the first `size` entries, of all if None; `TreeSizeBeyondLog` if there are fewer."""
    size = await _size(uow, size)
    span = Span(0, size)
    return TreeHead(size, (await span_roots(uow, [span]))[span])


async def prove_inclusion(uow: UnitOfWork, index: int, size: int | None = None) -> InclusionProof:
    """That entry `index` is in the tree of the first `size` entries, of all if None.

    `TreeSizeBeyondLog` if there are fewer; `LogEntryNotFound` if it is not among them.
    """
    size = await _size(uow, size)
    if index >= size:
        raise LogEntryNotFound
    whole, leaf, spans = Span(0, size), Span(index, index + 1), domain.inclusion_spans(index, size)
    roots = await span_roots(uow, {whole, leaf, *spans})
    return InclusionProof(index, roots[leaf], TreeHead(size, roots[whole]), [roots[span] for span in spans])


async def prove_consistency(uow: UnitOfWork, first: int, second: int | None = None) -> ConsistencyProof:
    """That the log of `second` entries, of all if None, begins with that of `first`.

    `TreeSizeBeyondLog` if there are fewer; `TreeSizesReversed` if the first has more than the second.
    """
    second = await _size(uow, second)
    if first > second:
        raise TreeSizesReversed
    (proof,) = await prove_growth(uow, [first], second)
    return proof


async def prove_growth(uow: UnitOfWork, sizes: Sequence[int], second: int) -> list[ConsistencyProof]:
    """That the log of `second` entries begins with that of each of some sizes, none of which is larger."""
    paths = {first: domain.consistency_spans(first, second) for first in sizes}
    wanted = {Span(0, size) for size in (*sizes, second)}.union(*paths.values())
    roots = await span_roots(uow, wanted)
    head = TreeHead(second, roots[Span(0, second)])
    return [
        ConsistencyProof(TreeHead(first, roots[Span(0, first)]), head, [roots[span] for span in paths[first]])
        for first in sizes
    ]


async def _size(uow: UnitOfWork, asked: int | None) -> int:
    entries = (await queries.head(uow)).entries
    if asked is not None and asked > entries:
        raise TreeSizeBeyondLog
    return entries if asked is None else asked
