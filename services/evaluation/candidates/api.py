"""Candidates over HTTP: admission, absences and annulments of a session; reading and appealing."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.candidates import queries, service
from services.evaluation.candidates.schemas import AbsenceRow, AppealRequest, CandidateRow, CandidateView, VoidingRow
from services.evaluation.sessions import queries as sessions
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1", tag="candidates")
READERS = Allow(Role.WORKER, Role.BODY, Role.OFFICER, Role.AUDITOR)


@router.post("/assessment-sessions/{session_id}/candidates", dependencies=[Allow(Role.BODY)])
async def admit_candidates(
    session_id: UUID, body: BulkRequest[CandidateRow], uow: Uow, caller: Caller
) -> BulkAnswer[CandidateView]:
    """Admit people, row by row."""
    applications = [row.application() for row in body.rows]
    outcomes = await service.admit_candidates(uow, session_id, caller.organisation, applications)
    return body.answer(outcomes, CandidateView.model_validate)


@router.post("/assessment-sessions/{session_id}/absences", dependencies=[Allow(Role.BODY)])
async def mark_absent(
    session_id: UUID, body: BulkRequest[AbsenceRow], uow: Uow, caller: Caller
) -> BulkAnswer[CandidateView]:
    """Note who did not come."""
    removals = [row.removal() for row in body.rows]
    outcomes = await service.mark_absent(uow, session_id, caller.organisation, removals)
    return body.answer(outcomes, CandidateView.model_validate)


@router.post("/assessment-sessions/{session_id}/voidings", dependencies=[Allow(Role.OFFICER)])
async def void_candidates(
    session_id: UUID, body: BulkRequest[VoidingRow], uow: Uow, caller: Caller
) -> BulkAnswer[CandidateView]:
    """Annul results before they are confirmed."""
    await sessions.get_session(uow, session_id, caller)
    outcomes = await service.void_candidates(uow, session_id, [row.removal() for row in body.rows])
    return body.answer(outcomes, CandidateView.model_validate)


@router.get("/candidates", dependencies=[READERS])
async def list_candidates(
    uow: Uow, page: PageQuery, caller: Caller, session_id: Annotated[UUID | None, Query()] = None
) -> Page[CandidateView]:
    """The candidates whom the caller may see."""
    candidates = await queries.list_candidates(uow, page, caller, session_id)
    return Page.of(candidates, page, CandidateView.model_validate)


@router.get("/candidates/{candidate_id}", dependencies=[READERS])
async def read_candidate(candidate_id: UUID, uow: Uow, caller: Caller) -> CandidateView:
    """One candidate."""
    return CandidateView.model_validate(await queries.get_candidate(uow, candidate_id, caller))


@router.post("/candidates/{candidate_id}/appeals", dependencies=[Allow(Role.WORKER)])
async def appeal(candidate_id: UUID, body: AppealRequest, uow: Uow, caller: Caller) -> CandidateView:
    """Object to one's own result."""
    candidate = await queries.get_candidate(uow, candidate_id, caller)
    return CandidateView.model_validate(await service.appeal(uow, candidate, body.reason_code))
