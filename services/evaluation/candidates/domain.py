"""Candidates: their life in a session, and how appeals and references are judged (DOMAIN §3)."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from shared.kernel.citizen_id import CitizenIdInvalid, canonical_citizen_id
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import Edge, Lifecycle

Item = TypeVar("Item")

_LONG_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9X]|[0-9]{15})(?![0-9])")
_HALF_WIDTH_DIGITS = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), 0xFF38, 0xFF58)}


class CandidateState(StrEnum):
    """How far a candidate has come."""

    ADMITTED = "admitted"
    SAT = "sat"
    SCORED = "scored"
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    VOIDED = "voided"
    APPEALED = "appealed"


class CandidateAction(StrEnum):
    """What happens to a candidate."""

    ADMIT = "admit"
    SIT = "sit"
    SCORE = "score"
    PASS = "pass"  # noqa: S105  # candidates pass
    FAIL = "fail"
    MISS = "miss"
    VOID = "void"
    APPEAL = "appeal"


_State, _Action = CandidateState, CandidateAction

CANDIDATE = Lifecycle(
    "evaluation.candidate",
    {
        (None, _Action.ADMIT): Edge(_State.ADMITTED, emits="candidate.admitted"),
        (_State.ADMITTED, _Action.SIT): Edge(_State.SAT, emits="candidate.sat"),
        (_State.ADMITTED, _Action.MISS): Edge(_State.ABSENT, emits="candidate.absent"),
        (_State.ADMITTED, _Action.VOID): Edge(_State.VOIDED, emits="candidate.voided"),
        (_State.SAT, _Action.SCORE): Edge(_State.SCORED, emits="candidate.scored"),
        (_State.SAT, _Action.VOID): Edge(_State.VOIDED, emits="candidate.voided"),
        (_State.SCORED, _Action.PASS): Edge(_State.PASSED, emits="candidate.passed"),
        (_State.SCORED, _Action.FAIL): Edge(_State.FAILED, emits="candidate.failed"),
        (_State.SCORED, _Action.VOID): Edge(_State.VOIDED, emits="candidate.voided"),
        (_State.FAILED, _Action.APPEAL): Edge(_State.APPEALED, emits="candidate.appealed"),
        (_State.APPEALED, _Action.SCORE): Edge(_State.APPEALED, emits="candidate.scored"),
        (_State.APPEALED, _Action.PASS): Edge(_State.PASSED, emits="candidate.passed"),
        (_State.APPEALED, _Action.FAIL): Edge(_State.FAILED, emits="candidate.failed"),
    },
)

SITTING = frozenset({_State.ADMITTED, _State.SAT})
"""Still to be scored."""


class CandidateNotFound(NotFound):
    """No such candidate, or none whom the caller may see."""

    code = "candidate_not_found"
    zh, en = "未找到该考生", "There is no such candidate."


class AppealTooLate(Conflict):
    """The time for an appeal has passed."""

    code = "appeal_too_late"
    zh, en = "申诉期已过", "The time for an appeal has passed."


@dataclass(frozen=True, slots=True)
class Winner:
    """A candidate who passed: what a certificate needs of him."""

    candidate_id: UUID
    person_id: UUID
    voucher_id: UUID | None
    enrolment_id: UUID | None
    channel: str
    completed_on: date | None


def check_appeal(confirmed_on: date, today: date, period_days: int) -> None:
    """`AppealTooLate` once `period_days` have passed since the confirmation."""
    if today > confirmed_on + timedelta(days=period_days):
        raise AppealTooLate


def names_nobody(text: str) -> str:
    """`text`, if no ID number is written in it (DOMAIN §4, 14); `ValueError` otherwise, which never quotes it.

    References to records are kept in the clear, so that officers can follow them.
    """
    for found in _LONG_NUMBER.finditer(text.translate(_HALF_WIDTH_DIGITS).upper()):
        try:
            canonical_citizen_id(found.group())
        except CitizenIdInvalid:
            continue
        raise ValueError("a reference names a record, not a person")
    return text


def rounds(items: Iterable[tuple[int, Item]], target: Callable[[Item], Hashable]) -> Iterator[list[tuple[int, Item]]]:
    """Numbered items in rounds: round k has the k-th item of each target, so that it sees what round k-1 did."""
    queues: dict[Hashable, list[tuple[int, Item]]] = {}
    for index, item in items:
        queues.setdefault(target(item), []).append((index, item))
    for k in range(max(map(len, queues.values()), default=0)):
        yield [queue[k] for queue in queues.values() if k < len(queue)]
