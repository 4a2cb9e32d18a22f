"""Reading signed heads."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from services.audit.checkpoints.domain import CheckpointNotFound, StoredCheckpoint
from services.audit.checkpoints.models import Checkpoint, Cosignature
from services.audit.tree.domain import TreeHead
from shared.persistence import UnitOfWork


async def _listed(uow: UnitOfWork, *where: ColumnElement[bool], limit: int) -> list[StoredCheckpoint]:
    statement = select(Checkpoint).where(*where).order_by(Checkpoint.tree_size).limit(limit)
    rows = list(await uow.session.scalars(statement))
    cosigned = select(Cosignature).where(Cosignature.tree_size.in_([row.tree_size for row in rows]))
    by_size: dict[int, list[Cosignature]] = {}
    for cosignature in await uow.session.scalars(cosigned.order_by(Cosignature.witness)):
        by_size.setdefault(cosignature.tree_size, []).append(cosignature)
    return [_stored(row, by_size.get(row.tree_size, [])) for row in rows]


def _stored(row: Checkpoint, cosignatures: Sequence[Cosignature]) -> StoredCheckpoint:
    return StoredCheckpoint(
        head=TreeHead(row.tree_size, row.root),
        note=row.note,
        recorded_at=row.recorded_at,
        cosignatures=[cosignature.line for cosignature in cosignatures],
        witnesses=[cosignature.witness for cosignature in cosignatures],
    )


async def list_checkpoints(uow: UnitOfWork, *, after: int, limit: int) -> list[StoredCheckpoint]:
    """Up to `limit` checkpoints of more than `after` entries, ascending."""
    return await _listed(uow, Checkpoint.tree_size > after, limit=limit)


async def get_checkpoint(uow: UnitOfWork, tree_size: int) -> StoredCheckpoint:
    """The checkpoint of this size; `CheckpointNotFound`."""
    found = await _listed(uow, Checkpoint.tree_size == tree_size, limit=1)
    if not found:
        raise CheckpointNotFound
    return found[0]


async def find_latest(uow: UnitOfWork) -> StoredCheckpoint | None:
    """The largest checkpoint, if any head was signed."""
    largest = select(func.max(Checkpoint.tree_size)).scalar_subquery()
    found = await _listed(uow, Checkpoint.tree_size == largest, limit=1)
    return found[0] if found else None


async def find_within(uow: UnitOfWork, begin: int, end: int) -> list[StoredCheckpoint]:
    """The checkpoints of more than `begin` and up to `end` entries, and the largest of all if it has more."""
    largest = select(func.max(Checkpoint.tree_size)).scalar_subquery()
    wanted = or_(Checkpoint.tree_size <= end, Checkpoint.tree_size == largest)
    return await _listed(uow, Checkpoint.tree_size > begin, wanted, limit=end - begin + 1)
