"""Proofs over HTTP: anybody who holds an entry, or a head of an earlier day, checks it against the head of today."""

from typing import Annotated

from fastapi import Path, Query

from services.audit.proofs import service
from services.audit.proofs.domain import LogEntryNotFound, TreeSizeBeyondLog, TreeSizesReversed
from services.audit.proofs.schemas import ConsistencyProofView, InclusionProofView, TreeHeadView
from shared.http import Allow, Refuses, Role, Uow, api_router

router = api_router(
    "/v1/log",
    tag="log proofs",
    description="Proofs out of the log's Merkle tree (RFC 9162): what is in it, and that it was only added to.",
)
ENTRIES_MOST = 2**53 - 1
READERS = Allow(Role.AUDITOR, Role.OPERATOR)
Number = Annotated[int, Query(ge=0, le=ENTRIES_MOST)]


@router.get("/head", dependencies=[READERS])
async def get_tree_head(uow: Uow) -> TreeHeadView:
    """Get the head of the log's tree, as it is now.

    The heads that are signed and kept outside are checkpoints.
    """
    return TreeHeadView.of(await service.tree_head(uow))


@router.get(
    "/entries/{entry_index}/inclusion-proof", dependencies=[READERS, Refuses(LogEntryNotFound, TreeSizeBeyondLog)]
)
async def get_inclusion_proof(
    entry_index: Annotated[int, Path(ge=0, le=ENTRIES_MOST)], uow: Uow, tree_size: Number | None = None
) -> InclusionProofView:
    """Get the proof that an entry is in the tree of the first `tree_size` entries, of all if it is not given.

    The leaf is SHA-256 over a zero byte and the envelope's exact bytes.
    """
    return InclusionProofView.of(await service.prove_inclusion(uow, entry_index, tree_size))


@router.get("/consistency-proof", dependencies=[READERS, Refuses(TreeSizeBeyondLog, TreeSizesReversed)])
async def get_consistency_proof(uow: Uow, first: Number, second: Number | None = None) -> ConsistencyProofView:
    """Get the proof that the log of `second` entries, of all if it is not given, begins with that of `first`."""
    return ConsistencyProofView.of(await service.prove_consistency(uow, first, second))
