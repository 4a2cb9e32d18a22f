"""A verification of the log with the heads that were signed: those that are stored, and those kept outside."""

from collections.abc import Sequence

from services.audit.checkpoints import queries
from services.audit.checkpoints.domain import CheckpointOfAnotherLog, StoredCheckpoint
from services.audit.checkpoints.service import read_head
from services.audit.log.domain import Break, Flaw, Head
from services.audit.log.service import ENTRIES_PER_VERIFICATION, Verification, verify_log
from services.audit.tree.domain import TreeHead
from shared.persistence import UnitOfWork
from shared.security import NoteVerifier, SignedNoteInvalid


async def verify(
    uow: UnitOfWork,
    *,
    begin: int = 0,
    noted: Head | None = None,
    outside: Sequence[TreeHead] = (),
    limit: int = ENTRIES_PER_VERIFICATION,
    hashes_only: bool = False,
) -> Verification:
    """Verify up to `limit` entries from `begin` on, as `verify_log` does, against every signed head of that part.

    `outside` are heads that were signed and kept elsewhere. A stored head that the log's key did not sign ends it too.
    """
    stored = await queries.find_within(uow, begin, begin + limit)
    forged = next((checkpoint for checkpoint in stored if not _is_signed(checkpoint, uow.keys.tree_heads)), None)
    signed = [checkpoint.head for checkpoint in stored if forged is None or checkpoint.head.size < forged.head.size]
    found = await verify_log(
        uow, begin=begin, noted=noted, signed=[*signed, *outside], limit=limit, hashes_only=hashes_only
    )
    if found.broken is None and forged is not None:
        broken = Break(min(forged.head.size, found.head.entries), Flaw.CHECKPOINT)
        return Verification(found.head, broken, finished=True, tree=found.tree)
    return found


def _is_signed(checkpoint: StoredCheckpoint, keys: NoteVerifier) -> bool:
    try:
        return read_head(checkpoint.note, keys) == checkpoint.head
    except (SignedNoteInvalid, CheckpointOfAnotherLog):
        return False
