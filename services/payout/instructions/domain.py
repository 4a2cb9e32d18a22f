"""What the bank is told, once and for all, and what it may answer (DOMAIN §4, 16)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.kernel.ids import uuid7

FIRST_PAUSE_S = 1
LONGEST_PAUSE_S = 60
NEVER_RECEIVED_CODE = "bank_never_received"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")


class Answer(StrEnum):
    """What is known of an instruction after a call."""

    ACCEPTED = "accepted"
    PAID = "paid"
    FAILED = "failed"
    NEVER_RECEIVED = "never_received"
    CONFLICT = "conflict"
    SILENT = "silent"
    """A time-out, a broken connection, or an answer that cannot be read: nothing is known."""


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """The bank's answer; `reason` is its code for a failure, never its text."""

    answer: Answer
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Instruction:
    """The pinned content of one attempt at paying: it is sent as it stands, however often, or not at all."""

    id: UUID
    payout_id: UUID
    attempt: int
    account_id: UUID
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DueCall:
    """An instruction whose turn it is: `calls` counts this call too.

    After `leased_until`, the database's own time, the call is somebody else's, and what is known of it is old.
    """

    instruction: Instruction
    calls: int
    leased_until: datetime

    @property
    def is_first(self) -> bool:
        """Whether the bank was never called for it: only then is it sent without asking."""
        return self.calls == 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call brought; `given` says that the instruction was sent, not only asked about."""

    call: DueCall
    answer: BankAnswer
    given: bool


def instruction_id(payout_id: UUID, attempt: int) -> UUID:
    """The payout's own id; a new one only for a later attempt, after the bank definitely refused the one before."""
    return payout_id if attempt == 1 else uuid7()


def pause_s(calls: int) -> int:
    """Seconds until an instruction without a final answer after `calls` calls, 1 at the least, is asked about again."""
    return min(FIRST_PAUSE_S << min(calls - 1, 10), LONGEST_PAUSE_S)


def may_be_given_up(given_at: datetime | None, recorded_at: datetime, silence_hours: int) -> bool:
    """Whether an instruction that the bank never received, and that may not be sent again, may only be rejected now.

    Only when the last time that it was given lies so far back that it cannot be on its way any more.
    """
    return given_at is not None and recorded_at - given_at > timedelta(hours=silence_hours)


def failure_code(reason: str | None) -> str:
    """The bank's code as ours: `bank_<code>`; anything but a code, which might name a person, is `bank_refused`."""
    return f"bank_{reason}" if reason is not None and _CODE.fullmatch(reason) else "bank_refused"
