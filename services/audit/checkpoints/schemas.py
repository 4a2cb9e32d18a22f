"""Checkpoints as they are shown: the note is C2SP's, for whoever verifies it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.audit.checkpoints.domain import StoredCheckpoint
from shared.http import Body, View


class CheckpointView(View):
    """A head of the log's tree as it was signed (C2SP checkpoint)."""

    tree_size: int
    root: str
    note: str
    witnesses: list[str]
    recorded_at: datetime

    @classmethod
    def of(cls, checkpoint: StoredCheckpoint) -> "CheckpointView":
        """Show a checkpoint."""
        return cls(
            tree_size=checkpoint.head.size,
            root=checkpoint.head.root.hex(),
            note=checkpoint.cosigned_note,
            witnesses=list(checkpoint.witnesses),
            recorded_at=checkpoint.recorded_at,
        )


class CosignCheckpointRequest(Body):
    """What a witness says of a checkpoint."""

    line: Annotated[str, Field(min_length=10, max_length=1_000)]
