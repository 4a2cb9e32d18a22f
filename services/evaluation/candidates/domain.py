"""Candidates: their life in a session, and what their rows never say (DOMAIN §3)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import ByClock, ByPeople, Edge, Lifecycle, Rests


class CandidateState(StrEnum):
    """How far a candidate has come."""

    ADMITTED = "admitted"
    SAT = "sat"
    SCORED = "scored"
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    VOIDED = "voided"
    CANCELLED = "cancelled"
    """The session was not held (R17)."""
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
    CANCEL = "cancel"
    APPEAL = "appeal"


class EntryBasis(StrEnum):
    """Why a person may sit a level (申报条件)."""

    OPEN = "open"
    TRAINING = "training"
    LOWER_CERTIFICATE = "lower_certificate"
    WORK_EXPERIENCE = "work_experience"
    SECONDARY_VOCATIONAL = "secondary_vocational_graduate"
    HIGHER_VOCATIONAL = "higher_vocational_graduate"
    APPLIED_DEGREE = "applied_degree_graduate"


_State, _Action = CandidateState, CandidateAction

FAILED = Edge(_State.FAILED, emits="candidate.failed", details=("attempts_left",))

CANDIDATE = Lifecycle(
    "evaluation.candidate",
    {
        (None, _Action.ADMIT): Edge(_State.ADMITTED, emits="candidate.admitted"),
        (_State.ADMITTED, _Action.SIT): Edge(_State.SAT, emits="candidate.sat"),
        (_State.ADMITTED, _Action.MISS): Edge(_State.ABSENT, emits="candidate.absent"),
        (_State.ADMITTED, _Action.VOID): Edge(_State.VOIDED, emits="candidate.voided"),
        (_State.ADMITTED, _Action.CANCEL): Edge(_State.CANCELLED, emits="candidate.cancelled"),
        (_State.SAT, _Action.SCORE): Edge(_State.SCORED, emits="candidate.scored"),
        (_State.SAT, _Action.VOID): Edge(_State.VOIDED, emits="candidate.voided"),
        (_State.SCORED, _Action.PASS): Edge(_State.PASSED, emits="candidate.passed"),
        (_State.SCORED, _Action.FAIL): FAILED,
        (_State.SCORED, _Action.VOID): Edge(_State.VOIDED, emits="candidate.voided"),
        (_State.FAILED, _Action.APPEAL): Edge(_State.APPEALED, emits="candidate.appealed"),
        (_State.APPEALED, _Action.SCORE): Edge(_State.APPEALED, emits="candidate.scored"),
        (_State.APPEALED, _Action.PASS): Edge(_State.PASSED, emits="candidate.passed"),
        (_State.APPEALED, _Action.FAIL): FAILED,
    },
    {
        _State.ADMITTED: ByClock("evaluation.cancel_unopened_sessions", "three days after the session's day, unopened"),
        _State.SAT: ByPeople("the two assessors"),
        _State.SCORED: ByPeople("the supervisor"),
        _State.FAILED: Rests("an end, unless there is an appeal in time"),
        _State.APPEALED: ByPeople("the body, by another pair of assessors"),
    },
)

SITTING = frozenset({_State.ADMITTED, _State.SAT})
"""Still to be scored."""


class CandidateNotFound(NotFound):
    """No such candidate, or none whom the caller may see."""

    code = "candidate_not_found"
    zh, en = "未找到该考生", "There is no such candidate."


class CandidateAlreadyAdmitted(Conflict):
    """The person is a candidate for this skill and level already."""

    code = "candidate_already_admitted"
    policy = "§二(二)5"
    zh, en = "该人员已报名同一职业同一等级的评价", "The person is a candidate for this skill and level already."


class CandidateHasPassed(Conflict):
    """A passed assessment is not sat again."""

    code = "candidate_has_passed"
    policy = "§二(二)5"
    zh, en = "该培训已评价合格", "The assessment of this training was passed already."


class CandidateOnPanel(Conflict):
    """Nobody assesses themselves."""

    code = "candidate_on_panel"
    policy = "§二(二)6"
    zh, en = "考生不得担任本场考评员或督导员", "A candidate cannot assess or supervise the session."


class TrainedByTheBody(Conflict):
    """考培分离: a 社会培训评价组织 does not assess whom it trained."""

    code = "trained_by_the_body"
    policy = "§二(二)5"
    zh, en = "考培分离:评价机构不得评价自己培训的学员", "The body trained the candidate and cannot assess them."


class TaughtByAnAssessor(Conflict):
    """An employer's or a school's assessors taught none of the candidates."""

    code = "taught_by_an_assessor"
    policy = "§二(二)5"
    zh, en = "考评员曾为考生授课", "An assessor of the session taught the candidate."


class CandidateNotOfTheBody(Conflict):
    """An employer assesses its own employees, a school its own students."""

    code = "candidate_not_of_the_body"
    policy = "§二(二)5"
    zh, en = "考生不是该单位职工或该校学生", "The candidate is not an employee or a student of the body."


class AppealTooLate(Conflict):
    """The time for an appeal has passed."""

    code = "appeal_too_late"
    zh, en = "申诉期已过", "The time for an appeal has passed."


@dataclass(frozen=True, slots=True)
class Attempt:
    """An earlier candidate on the same ground: in which of its series, what came of it, and the day of the session."""

    series: int
    status: str
    held_on: date


@dataclass(frozen=True, slots=True)
class PassedCandidate:
    """A candidate who passed: what a certificate needs of them."""

    id: UUID
    person_id: UUID
    voucher_id: UUID | None
    enrolment_id: UUID | None
    channel: str
    completed_on: date | None
    occasion: str


def check_appeal(confirmed_on: date, today: date, period_days: int) -> None:
    """`AppealTooLate` once `period_days` have passed since the confirmation."""
    if today > confirmed_on + timedelta(days=period_days):
        raise AppealTooLate
