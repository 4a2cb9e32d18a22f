"""Candidates over HTTP: reading, absences and annulments of a session, appeals."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.assessment_sessions.domain import AssessmentNotOpen, AssessmentSessionNotFound
from services.evaluation.assessment_sessions.schemas import AssessmentSessionView, CancelAssessmentSessionRequest
from services.evaluation.candidates import queries, service
from services.evaluation.candidates.domain import AppealTooLate, CandidateNotFound
from services.evaluation.candidates.schemas import (
    AppealResultRequest,
    CandidateView,
    MarkCandidatesAbsentRow,
    VoidCandidatesRow,
)
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing

router = api_router(
    "/v1", tag="candidates", description="The people of an assessment session, and what became of them."
)
READERS = Allow(Role.WORKER, Role.BODY, Role.OFFICER, Role.AUDITOR)
REMOVAL = Refuses(AssessmentSessionNotFound, CandidateNotFound, WrongState)
APPEAL = Refuses(CandidateNotFound, WrongState, AppealTooLate, RuleMissing)


@router.get("/candidates", dependencies=[READERS])
async def list_candidates(
    uow: Uow, page: PageQuery, caller: Caller, session_id: Annotated[UUID | None, Query()] = None
) -> Page[CandidateView]:
    """List the candidates whom the caller may see, of one session if it is named."""
    candidates = await queries.list_candidates(uow, page, caller, session_id)
    return Page.of(candidates, page, CandidateView.model_validate)


@router.get("/candidates/{candidate_id}", dependencies=[READERS, Refuses(CandidateNotFound)])
async def get_candidate(candidate_id: UUID, uow: Uow, caller: Caller) -> CandidateView:
    """Read one candidate."""
    return CandidateView.model_validate(await queries.see_candidate(uow, candidate_id, caller))


@router.post(
    "/assessment-sessions/{session_id}/cancellations",
    dependencies=[Allow(Role.BODY, Role.OFFICER), Refuses(AssessmentSessionNotFound, WrongState)],
)
async def cancel_assessment_session(
    session_id: UUID, body: CancelAssessmentSessionRequest, uow: Uow, caller: Caller
) -> AssessmentSessionView:
    """Cancel an assessment that was not opened. Its candidates are free, and no attempt is used up."""
    session = await service.cancel_session(uow, session_id, caller, body.reason_code)
    return AssessmentSessionView.model_validate(session)


@router.post(
    "/assessment-sessions/{session_id}/absences", dependencies=[Allow(Role.BODY), REMOVAL, Refuses(AssessmentNotOpen)]
)
async def mark_candidates_absent(
    session_id: UUID, body: BulkRequest[MarkCandidatesAbsentRow], uow: Uow, caller: Caller
) -> BulkAnswer[CandidateView]:
    """Note who did not come to an open session, row by row. An absence uses up no attempt."""
    removals = body.items(MarkCandidatesAbsentRow.removal)
    outcomes = await service.mark_absent(uow, session_id, caller.organisation, removals)
    return body.answer(outcomes, CandidateView.model_validate)


@router.post("/assessment-sessions/{session_id}/voidings", dependencies=[Allow(Role.OFFICER), REMOVAL])
async def void_candidates(
    session_id: UUID, body: BulkRequest[VoidCandidatesRow], uow: Uow, caller: Caller
) -> BulkAnswer[CandidateView]:
    """Annul results before they are confirmed, row by row, for a breach of the rules."""
    removals = body.items(VoidCandidatesRow.removal)
    outcomes = await service.void_candidates(uow, session_id, caller, removals)
    return body.answer(outcomes, CandidateView.model_validate)


@router.post("/candidates/{candidate_id}/appeals", dependencies=[Allow(Role.WORKER), APPEAL])
async def appeal_result(candidate_id: UUID, body: AppealResultRequest, uow: Uow, caller: Caller) -> CandidateView:
    """Object to one's own failed result. Both assessors score anew, and the supervisor decides."""
    return CandidateView.model_validate(await service.appeal(uow, candidate_id, body.reason_code, caller))
