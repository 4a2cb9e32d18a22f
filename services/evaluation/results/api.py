"""Confirmations and decisions on appeals over HTTP, by the supervisor of the session."""

from uuid import UUID

from services.evaluation.results import service
from services.evaluation.results.schemas import AppealDecisionView, ConfirmationView
from shared.http import Allow, Caller, Role, Uow, api_router

router = api_router("/v1", tag="results")
SUPERVISORS = Allow(Role.OFFICER, Role.BODY)


@router.post("/assessment-sessions/{session_id}/confirmations", dependencies=[SUPERVISORS])
async def confirm_assessment_session(session_id: UUID, uow: Uow, caller: Caller) -> ConfirmationView:
    """Confirm a scored session: results and certificates."""
    return ConfirmationView.of(*await service.confirm_session(uow, session_id, caller))


@router.post("/candidates/{candidate_id}/appeal-decisions", dependencies=[SUPERVISORS])
async def decide_appeal(candidate_id: UUID, uow: Uow, caller: Caller) -> AppealDecisionView:
    """Decide an appeal that both assessors have scored anew."""
    return AppealDecisionView.of(candidate_id, await service.decide_appeal(uow, candidate_id, caller))
