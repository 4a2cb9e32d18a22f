"""Checkpoints over HTTP: witnesses fetch them, and bring their cosignatures."""

from typing import Annotated

from fastapi import Path

from services.audit.checkpoints import queries, service
from services.audit.checkpoints.domain import CheckpointNotFound, WitnessNotRegistered
from services.audit.checkpoints.schemas import CheckpointView, CosignCheckpointRequest
from shared.http import Allow, Page, PageQuery, Refuses, Role, Uow, api_router, idempotent_by_nature
from shared.security import SignedNoteInvalid

router = api_router(
    "/v1/log",
    tag="log checkpoints",
    description="Signed heads of the log's tree (C2SP checkpoints), and the cosignatures of witnesses.",
)
READERS = Allow(Role.AUDITOR, Role.OPERATOR)
TreeSize = Annotated[int, Path(ge=1, le=2**53 - 1)]


@router.get("/checkpoints", dependencies=[READERS])
async def list_checkpoints(uow: Uow, page: PageQuery) -> Page[CheckpointView]:
    """List the signed heads of the log, the smallest first."""
    after = page.after_number
    found = await queries.list_checkpoints(uow, after=0 if after is None else after, limit=page.fetch)
    return Page.of(found, page, CheckpointView.of, key=lambda checkpoint: checkpoint.head.size)


@router.get("/latest-checkpoint", dependencies=[READERS, Refuses(CheckpointNotFound)])
async def get_latest_checkpoint(uow: Uow) -> CheckpointView:
    """Get the largest head that was signed.

    A head is signed every five minutes, if the log grew.
    """
    found = await queries.find_latest(uow)
    if found is None:
        raise CheckpointNotFound
    return CheckpointView.of(found)


@router.get("/checkpoints/{tree_size}", dependencies=[READERS, Refuses(CheckpointNotFound)])
async def get_checkpoint(tree_size: TreeSize, uow: Uow) -> CheckpointView:
    """Get the signed head of the tree of so many entries."""
    return CheckpointView.of(await queries.get_checkpoint(uow, tree_size))


@router.post(
    "/checkpoints/{tree_size}/cosignatures",
    dependencies=[
        READERS,
        idempotent_by_nature,
        Refuses(CheckpointNotFound, SignedNoteInvalid, WitnessNotRegistered),
    ],
)
async def cosign_checkpoint(tree_size: TreeSize, uow: Uow, body: CosignCheckpointRequest) -> CheckpointView:
    """Add a witness's cosignature to a checkpoint (C2SP cosignature/v1).

    Of each witness the first is kept. The signature itself proves who made it, whoever brings it.
    """
    return CheckpointView.of(await service.add_cosignature(uow, tree_size, body.line))
