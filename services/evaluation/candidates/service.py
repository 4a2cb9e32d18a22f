"""Candidates of a session: admitted, absent, annulled, scored, passed or failed, appealing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from services.evaluation.assessment_sessions import queries as sessions
from services.evaluation.assessment_sessions.domain import (
    AssessmentNotOpen,
    AssessmentSessionAction,
    AssessmentSessionFacts,
    AssessmentSessionNotFound,
    AssessmentSessionState,
)
from services.evaluation.assessment_sessions.service import SessionRow, mark_cancelled, mark_scored
from services.evaluation.candidates import domain, queries
from services.evaluation.candidates.domain import (
    CandidateAction,
    CandidateAlreadyAdmitted,
    CandidateNotFound,
    PassedCandidate,
)
from services.evaluation.candidates.models import PLAN, Candidate
from services.evaluation.rules.domain import Rules
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import WrongState
from shared.persistence import UnitOfWork, rules_on
from shared.security import Principal, Role

Outcome: TypeAlias = Candidate | DomainError
"""What comes of one row of a request: the candidate, or why not."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A candidate who did not come, or whose result does not count, and why."""

    candidate_id: UUID
    reason_code: str


async def create_candidates(
    uow: UnitOfWork, session: AssessmentSessionFacts, drafts: Sequence[Mapping[str, Any] | DomainError]
) -> list[Outcome]:
    """Admit to a locked session those who may sit, given by the columns of their rows besides the session's own.

    Whoever is a candidate already is refused.
    """
    plan = {name: getattr(session, "id" if name == "session_id" else name) for name in PLAN}
    rows = [{**plan, **draft} for draft in drafts if not isinstance(draft, DomainError)]
    created = await uow.create_all(Candidate, CandidateAction.ADMIT, rows, skip_conflicts=True)
    by_person: dict[UUID, Outcome] = {candidate.person_id: candidate for candidate in created}
    return [
        draft if isinstance(draft, DomainError) else by_person.pop(draft["person_id"], CandidateAlreadyAdmitted())
        for draft in drafts
    ]


async def cancel_session(uow: UnitOfWork, session_id: UUID, caller: Principal, reason_code: str) -> SessionRow:
    """The body, or an officer, says that a scheduled assessment is not held: its candidates are free (R17)."""
    session = await sessions.lock_session_seen(uow, session_id, caller, against="its opening at the same moment")
    if caller.role is Role.BODY and session.body != caller.organisation:
        raise AssessmentSessionNotFound
    session.lifecycle.edge(session.status, AssessmentSessionAction.CANCEL)
    (cancelled,) = await _cancel(uow, [session_id], reason_code)
    return cancelled


async def cancel_unopened(uow: UnitOfWork, limit: int) -> int:
    """Cancel assessments that nobody opened on their day or in the days after (R17); answers how many."""
    rules = await rules_on(uow, Rules, uow.today)
    due = await sessions.unopened_before(uow, uow.today - timedelta(days=rules.opening_grace_days), limit)
    locked = await sessions.lock_sessions(uow, due, against="its opening at the last moment")
    unopened = [session.id for session in locked if session.status == AssessmentSessionState.SCHEDULED]
    return len(await _cancel(uow, unopened, "not_opened"))


async def _cancel(uow: UnitOfWork, session_ids: Collection[UUID], reason_code: str) -> list[SessionRow]:
    cancelled = await mark_cancelled(uow, session_ids, reason_code)
    freed = await queries.admitted_to(uow, session_ids)
    await uow.move_all(Candidate, CandidateAction.CANCEL, freed, values={"reason_code": reason_code})
    return cancelled


async def mark_absent(uow: UnitOfWork, session_id: UUID, body_id: str, removals: Sequence[Removal]) -> list[Outcome]:
    """Note who did not come to an open session; an absence uses up no attempt."""
    session = await sessions.lock_own_session(uow, session_id, body_id, against="scores entered meanwhile")
    if session.status != AssessmentSessionState.OPEN:
        raise AssessmentNotOpen(state=session.status)
    outcomes = await _remove(uow, session_id, CandidateAction.MISS, removals)
    await close_scoring(uow, session_id)
    return outcomes


async def void_candidates(
    uow: UnitOfWork, session_id: UUID, officer: Principal, removals: Sequence[Removal]
) -> list[Outcome]:
    """Annul results before they are confirmed, for a breach of the rules; later the certificate is revoked instead."""
    await sessions.lock_session_seen(uow, session_id, officer, against="the confirmation of the results")
    outcomes = await _remove(uow, session_id, CandidateAction.VOID, removals)
    await close_scoring(uow, session_id)
    return outcomes


async def _remove(
    uow: UnitOfWork, session_id: UUID, action: CandidateAction, removals: Sequence[Removal]
) -> list[Outcome]:
    """Take `action` for each named candidate of the session; one who is named twice is taken the first time."""
    ids = [removal.candidate_id for removal in removals]
    known = await queries.lock_candidates(uow, session_id, ids, against="scores entered meanwhile")
    reasons = {
        removal.candidate_id: {"reason_code": removal.reason_code}
        for removal in reversed(removals)
        if removal.candidate_id in known
    }
    moved = {row.id: row for row in await uow.move_all(Candidate, action, list(reasons), each=reasons)}
    outcomes: list[Outcome] = []
    for candidate_id in ids:
        row = known.get(candidate_id)
        if row is None:
            outcomes.append(CandidateNotFound())
        elif candidate_id in moved:
            outcomes.append(moved.pop(candidate_id))
        else:
            outcomes.append(WrongState(name=row.lifecycle.name, state=row.status, action=str(action)))
    return outcomes


async def close_scoring(uow: UnitOfWork, session_id: UUID) -> None:
    """Move an open session on once nobody in it is still to be scored."""
    session = await sessions.lock_session(uow, session_id, against="the last two candidates being done at once")
    if session.status == AssessmentSessionState.OPEN and not await queries.count_sitting(uow, session_id):
        mark_scored(uow, session)


async def appeal(uow: UnitOfWork, candidate_id: UUID, reason_code: str, worker: Principal) -> Candidate:
    """A person who failed objects in time; the two assessors score anew and the supervisor decides."""
    session_id = (await queries.see_candidate(uow, candidate_id, worker)).session_id
    session = await sessions.lock_session(uow, session_id, against="an appeal lodged twice")
    (row,) = (await queries.lock_candidates(uow, session.id, [candidate_id], against="a resit admitted")).values()
    row.lifecycle.edge(row.status, CandidateAction.APPEAL)
    if session.confirmed_on is not None:
        rules = await rules_on(uow, Rules, session.held_on)
        domain.check_appeal(session.confirmed_on, uow.today, rules.appeal_period_days)
    row.reason_code, row.appealed_version = reason_code, row.score_version
    uow.move(row, CandidateAction.APPEAL)
    return row


async def sit(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """An assessor has signed scores of these candidates: they came. They are locked and admitted."""
    await uow.move_all(Candidate, CandidateAction.SIT, ids)


async def score(uow: UnitOfWork, scores: Mapping[UUID, Mapping[str, int | None]]) -> None:
    """Both assessors agree on these scores. The candidates are locked and sat, or appealed."""
    await uow.move_all(Candidate, CandidateAction.SCORE, list(scores), each=scores)


async def decide_results(
    uow: UnitOfWork, passed: Sequence[UUID], failed: Sequence[UUID], *, resits: int
) -> list[PassedCandidate]:
    """Who passed and who failed, as the supervisor confirms; answers those who passed. They are locked."""
    moved = await uow.move_all(Candidate, CandidateAction.PASS, passed)
    await uow.move_all(
        Candidate,
        CandidateAction.FAIL,
        failed,
        details=lambda row: {"attempts_left": max(resits + 1 - row.attempt, 0)},
    )
    return [
        PassedCandidate(
            row.id, row.person_id, row.voucher_id, row.enrolment_id, row.channel, row.completed_on, row.occasion
        )
        for row in moved
    ]
