"""Scores over HTTP."""

from uuid import UUID

from services.evaluation.scores import service
from services.evaluation.scores.schemas import ScoresRow, SignatureView
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Role, Uow, api_router

router = api_router("/v1/assessment-sessions", tag="scores")


@router.post("/{session_id}/scores", dependencies=[Allow(Role.BODY)])
async def sign_scores(
    session_id: UUID, body: BulkRequest[ScoresRow], uow: Uow, caller: Caller
) -> BulkAnswer[SignatureView]:
    """Sign scores, as one of the two assessors."""
    outcomes = await service.sign_scores(uow, session_id, caller, [row.given() for row in body.rows])
    return body.answer(outcomes, SignatureView.model_validate)
