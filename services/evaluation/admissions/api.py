"""Admissions over HTTP."""

from uuid import UUID

from services.evaluation.admissions import service
from services.evaluation.admissions.schemas import ApplicationRow
from services.evaluation.candidates.schemas import CandidateView
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Role, Uow, api_router

router = api_router("/v1/assessment-sessions", tag="candidates")


@router.post("/{session_id}/candidates", dependencies=[Allow(Role.BODY)])
async def admit_candidates(
    session_id: UUID, body: BulkRequest[ApplicationRow], uow: Uow, caller: Caller
) -> BulkAnswer[CandidateView]:
    """Admit people, row by row."""
    applications = [row.application() for row in body.rows]
    outcomes = await service.admit_candidates(uow, session_id, caller.organisation, applications)
    return body.answer(outcomes, CandidateView.model_validate)
