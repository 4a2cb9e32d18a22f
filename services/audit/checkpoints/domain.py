"""What a checkpoint says (C2SP `tlog-checkpoint`), when the next is due, and what stops one from being signed."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.audit.tree.domain import HASH_BYTES, TreeHead
from shared.kernel.errors import Conflict, Invalid, NotFound

SIGN_EVERY = timedelta(minutes=5)
"""By the database's clock: a head is about what was really recorded, not about business time."""

_TEXT = re.compile(r"([^\n]{1,200})\n(0|[1-9]\d{0,17})\n([A-Za-z0-9+/]{43}=)\n")


class CheckpointNotFound(NotFound):
    """No head of this size was signed."""

    code = "checkpoint_not_found"
    zh, en = "没有该大小的已签名树头", "No head of a tree of this size was signed."


class WitnessNotRegistered(Conflict):
    """The cosignature is of none of the witnesses that this log lists."""

    code = "witness_not_registered"
    zh, en = "该见证方未登记", "This log lists no such witness."


class CheckpointOfAnotherLog(Invalid):
    """The text is no checkpoint, or one of another log."""

    code = "checkpoint_of_another_log"
    zh, en = "不是本日志的树头", "This is no checkpoint of this log."


class LogForked(Conflict):
    """The log does not continue a head that was signed before: no other head is signed until people have looked."""

    code = "log_forked"
    policy = "§三(三)"
    zh, en = (
        "日志与此前签名的树头(大小 {size})不一致,停止签名",
        "The log does not continue the head that was signed at size {size}; nothing more is signed.",
    )


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A head as it was signed, with what witnesses have said of it since."""

    head: TreeHead
    note: str
    recorded_at: datetime
    cosignatures: Sequence[str] = ()
    """Signature lines of witnesses, in the order of their names."""
    witnesses: Sequence[str] = ()
    """Their names."""

    @property
    def cosigned_note(self) -> str:
        """The note with all its signatures."""
        return self.note + "".join(f"{line}\n" for line in self.cosignatures)


def checkpoint_text(origin: str, head: TreeHead) -> str:
    """What is signed: the log's origin, how many entries it has, and the root in base64, a line each."""
    return f"{origin}\n{head.size}\n{b64encode(head.root).decode()}\n"


def read_checkpoint_text(text: str) -> tuple[str, TreeHead]:
    """Origin and head of a checkpoint's text of exactly three lines; `CheckpointOfAnotherLog` for any other text."""
    matched = _TEXT.fullmatch(text)
    if matched is None:
        raise CheckpointOfAnotherLog
    try:
        root = b64decode(matched[3], validate=True)
    except binascii.Error:
        raise CheckpointOfAnotherLog from None
    if len(root) != HASH_BYTES:
        raise CheckpointOfAnotherLog
    return matched[1], TreeHead(int(matched[2]), root)


def is_due(last: StoredCheckpoint | None, entries: int, recorded_at: datetime) -> bool:
    """Whether a head of so many entries is to be signed now: the log grew, and the last head is five minutes old."""
    if last is None:
        return entries > 0
    return entries > last.head.size and recorded_at - last.recorded_at >= SIGN_EVERY
