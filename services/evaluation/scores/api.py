"""Marks over HTTP."""

from uuid import UUID

from services.evaluation.scores import service
from services.evaluation.scores.schemas import MarksRow, SignedView
from services.evaluation.sessions import queries as sessions
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Role, Uow, api_router

router = api_router("/v1/assessment-sessions", tag="marks")


@router.post("/{session_id}/scores", dependencies=[Allow(Role.BODY)])
async def sign_marks(session_id: UUID, body: BulkRequest[MarksRow], uow: Uow, caller: Caller) -> BulkAnswer[SignedView]:
    """Sign marks, as one of the two assessors."""
    await sessions.get_session(uow, session_id, caller)
    outcomes = await service.sign_marks(uow, session_id, caller.person, [row.given() for row in body.rows])
    return body.answer(outcomes, SignedView.model_validate)
