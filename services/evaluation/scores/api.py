"""Scores over HTTP."""

from uuid import UUID

from services.evaluation.assessment_sessions.domain import (
    AssessmentNotOpen,
    AssessmentSessionNotFound,
    NotAnAssessorOfSession,
)
from services.evaluation.candidates.domain import CandidateNotFound
from services.evaluation.scores import service
from services.evaluation.scores.domain import CandidateNotScorable, ScoresIncomplete
from services.evaluation.scores.schemas import SignatureView, SignScoresRow
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Refuses, Role, Uow, api_router

router = api_router(
    "/v1/assessment-sessions",
    tag="scores",
    description="Scores, in versions that are only added to; they count when both assessors signed the same.",
)
SESSION = Refuses(AssessmentSessionNotFound, NotAnAssessorOfSession, AssessmentNotOpen)
ROWS = Refuses(CandidateNotFound, CandidateNotScorable, ScoresIncomplete)


@router.post("/{session_id}/scores", dependencies=[Allow(Role.BODY), SESSION, ROWS])
async def sign_scores(
    session_id: UUID, body: BulkRequest[SignScoresRow], uow: Uow, caller: Caller
) -> BulkAnswer[SignatureView]:
    """Sign candidates' scores as one of the two assessors, row by row.

    The second signature under the same scores makes them count; other scores make a new version, which the other
    assessor has to sign.
    """
    outcomes = await service.sign_scores(uow, session_id, caller, body.items(SignScoresRow.given))
    return body.answer(outcomes, SignatureView.model_validate)
