"""Candidates of a session: admitted, absent, annulled, scored, passed or failed, appealing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.evaluation.admissions.domain import CandidateAlreadyAdmitted, SessionClosedToCandidates
from services.evaluation.admissions.service import Application, draft_candidates
from services.evaluation.candidates import domain, queries
from services.evaluation.candidates.domain import CandidateAction, CandidateNotFound, Winner
from services.evaluation.candidates.models import PLAN, Candidate
from services.evaluation.rules.domain import RuleName
from services.evaluation.rules.queries import rules_on
from services.evaluation.sessions import queries as sessions
from services.evaluation.sessions.domain import SessionNotOpen, SessionState
from services.evaluation.sessions.service import mark_scored
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import TransitionRefused
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class Removal:
    """A candidate who did not come, or whose result does not count, and why."""

    candidate_id: UUID
    reason_code: str


async def admit_candidates(
    uow: UnitOfWork, session_id: UUID, body_id: str, applications: Sequence[Application]
) -> list[Candidate | DomainError]:
    """Admit people to a scheduled session (§二(二)5): training over and equal in skill, level and act; independent as
    the kind of body demands; entitled to the level; not certified yet; a resit once."""
    session = await sessions.lock_own_session(uow, session_id, body_id, against="the opening of the session")
    if session.status != SessionState.SCHEDULED:
        raise SessionClosedToCandidates
    plan = {name: getattr(session, "id" if name == "session_id" else name) for name in PLAN}
    drafts = await draft_candidates(uow, session.facts(), applications)
    rows = [{**plan, **draft} for draft in drafts if not isinstance(draft, DomainError)]
    admitted = await uow.create_all(Candidate, CandidateAction.ADMIT, rows, skip_conflicts=True)
    by_person: dict[UUID, Candidate | DomainError] = {candidate.person_id: candidate for candidate in admitted}
    return [
        draft if isinstance(draft, DomainError) else by_person.pop(draft["person_id"], CandidateAlreadyAdmitted())
        for draft in drafts
    ]


async def mark_absent(
    uow: UnitOfWork, session_id: UUID, body_id: str, removals: Sequence[Removal]
) -> list[Candidate | DomainError]:
    """Note who did not come to an open session; an absence uses up no attempt."""
    session = await sessions.lock_own_session(uow, session_id, body_id, against="marks entered meanwhile")
    if session.status != SessionState.OPEN:
        raise SessionNotOpen(state=session.status)
    answers = await _remove(uow, session_id, CandidateAction.MISS, removals)
    await close_scoring(uow, session_id)
    return answers


async def void_candidates(
    uow: UnitOfWork, session_id: UUID, removals: Sequence[Removal]
) -> list[Candidate | DomainError]:
    """Annul results before they are confirmed, for a breach of the rules; later the certificate is revoked instead."""
    await sessions.lock_session(uow, session_id, against="the confirmation of the results")
    answers = await _remove(uow, session_id, CandidateAction.VOID, removals)
    await close_scoring(uow, session_id)
    return answers


async def _remove(
    uow: UnitOfWork, session_id: UUID, action: CandidateAction, removals: Sequence[Removal]
) -> list[Candidate | DomainError]:
    """Take `action` for each named candidate of the session; one who is named twice is taken the first time."""
    ids = [removal.candidate_id for removal in removals]
    known = await queries.lock_candidates(uow, session_id, ids, against="marks entered meanwhile")
    may = {one: row for one, row in known.items() if (row.status, action) in row.lifecycle.edges}
    each: Mapping[UUID, Mapping[str, Any]] = {
        removal.candidate_id: {"reason_code": removal.reason_code}
        for removal in reversed(removals)
        if removal.candidate_id in may
    }
    moved = await uow.move_all(Candidate, action, list(each), each=each)
    done = {row.id: row for row in moved}

    def answer(one: UUID) -> Candidate | DomainError:
        if one not in known:
            return CandidateNotFound()
        row = known[one]
        return done.pop(one, None) or TransitionRefused(name=row.lifecycle.name, state=row.status, action=str(action))

    return [answer(one) for one in ids]


async def close_scoring(uow: UnitOfWork, session_id: UUID) -> None:
    """Move an open session on once nobody in it is still to be scored."""
    session = await sessions.lock_session(uow, session_id, against="the last two candidates being done at once")
    if session.status == SessionState.OPEN and not await queries.count_sitting(uow, session_id):
        mark_scored(uow, session)


async def appeal(uow: UnitOfWork, candidate: Candidate, reason_code: str) -> Candidate:
    """A person who failed objects in time; the two assessors mark anew and the supervisor decides."""
    session = await sessions.lock_session(uow, candidate.session_id, against="an appeal lodged twice")
    (row,) = (await queries.lock_candidates(uow, session.id, [candidate.id], against="a resit admitted")).values()
    row.lifecycle.edge(row.status, CandidateAction.APPEAL)
    rules = await rules_on(uow, session.held_on)
    if session.confirmed_on is not None:
        domain.check_appeal(session.confirmed_on, uow.today, rules[RuleName.APPEAL_PERIOD])
    row.reason_code, row.appealed_version = reason_code, row.score_version
    uow.move(row, CandidateAction.APPEAL)
    return row


async def sit(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """An assessor has signed marks of these candidates: they came. They are locked and admitted."""
    await uow.move_all(Candidate, CandidateAction.SIT, ids)


async def score(uow: UnitOfWork, marks: Mapping[UUID, Mapping[str, int | None]]) -> None:
    """Both assessors agree on these marks. The candidates are locked and sat, or appealed."""
    await uow.move_all(Candidate, CandidateAction.SCORE, list(marks), each=marks)


async def decide_results(uow: UnitOfWork, passed: Sequence[UUID], failed: Sequence[UUID]) -> list[Winner]:
    """Who passed and who failed, as the supervisor confirms; answers those who passed. They are locked."""
    moved = await uow.move_all(Candidate, CandidateAction.PASS, passed)
    await uow.move_all(Candidate, CandidateAction.FAIL, failed)
    return [
        Winner(row.id, row.person_id, row.voucher_id, row.enrolment_id, row.channel, row.completed_on) for row in moved
    ]
