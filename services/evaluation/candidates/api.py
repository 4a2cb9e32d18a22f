"""Candidates over HTTP: reading, absences and annulments of a session, appeals."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.candidates import queries, service
from services.evaluation.candidates.schemas import AbsenceRow, AppealRequest, CandidateView, VoidingRow
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1", tag="candidates")
READERS = Allow(Role.WORKER, Role.BODY, Role.OFFICER, Role.AUDITOR)


@router.get("/candidates", dependencies=[READERS])
async def list_candidates(
    uow: Uow, page: PageQuery, caller: Caller, session_id: Annotated[UUID | None, Query()] = None
) -> Page[CandidateView]:
    """The candidates whom the caller may see."""
    candidates = await queries.list_candidates(uow, page, caller, session_id)
    return Page.of(candidates, page, CandidateView.model_validate)


@router.get("/candidates/{candidate_id}", dependencies=[READERS])
async def get_candidate(candidate_id: UUID, uow: Uow, caller: Caller) -> CandidateView:
    """One candidate."""
    return CandidateView.model_validate(await queries.get_candidate(uow, candidate_id, caller))


@router.post("/assessment-sessions/{session_id}/absences", dependencies=[Allow(Role.BODY)])
async def mark_candidates_absent(
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
    removals = [row.removal() for row in body.rows]
    outcomes = await service.void_candidates(uow, session_id, caller, removals)
    return body.answer(outcomes, CandidateView.model_validate)


@router.post("/candidates/{candidate_id}/appeals", dependencies=[Allow(Role.WORKER)])
async def appeal_result(candidate_id: UUID, body: AppealRequest, uow: Uow, caller: Caller) -> CandidateView:
    """Object to one's own result."""
    return CandidateView.model_validate(await service.appeal(uow, candidate_id, body.reason_code, caller))
