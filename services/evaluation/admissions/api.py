"""Admissions over HTTP."""

from uuid import UUID

from services.evaluation.admissions import service
from services.evaluation.admissions.domain import (
    CandidateAlreadyCertified,
    CandidateCompletesAfterAssessment,
    CandidateNamedWrongly,
    CandidateSkillDiffers,
    EntryBasisMissing,
    EntryShortcutTooHigh,
    PermitToReviewMissing,
    ResitUsedUp,
    ReviewNotDue,
    SessionClosedToCandidates,
)
from services.evaluation.admissions.schemas import AdmitCandidatesRow
from services.evaluation.assessment_sessions.domain import AssessmentSessionNotFound
from services.evaluation.candidates.domain import (
    CandidateAlreadyAdmitted,
    CandidateHasPassed,
    CandidateNotOfTheBody,
    CandidateOnPanel,
    TaughtByAnAssessor,
    TrainedByTheBody,
)
from services.evaluation.candidates.schemas import CandidateView
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Refuses, Role, Uow, api_router
from shared.kernel.errors import NotReceivedYet
from shared.persistence import RuleMissing

router = api_router(
    "/v1/assessment-sessions",
    tag="admissions",
    description="Who may sit an assessment: trained, independent of the body, entitled to the level, an attempt left.",
)
SESSION = Refuses(AssessmentSessionNotFound, SessionClosedToCandidates, RuleMissing)
TRAINING = Refuses(CandidateNamedWrongly, NotReceivedYet, CandidateSkillDiffers, CandidateCompletesAfterAssessment)
INDEPENDENCE = Refuses(CandidateOnPanel, TrainedByTheBody, TaughtByAnAssessor, CandidateNotOfTheBody)
ENTRY = Refuses(CandidateAlreadyCertified, PermitToReviewMissing, ReviewNotDue, EntryBasisMissing, EntryShortcutTooHigh)
ATTEMPT = Refuses(CandidateHasPassed, CandidateAlreadyAdmitted, ResitUsedUp)


@router.post(
    "/{session_id}/candidates", dependencies=[Allow(Role.BODY), SESSION, TRAINING, INDEPENDENCE, ENTRY, ATTEMPT]
)
async def admit_candidates(
    session_id: UUID, body: BulkRequest[AdmitCandidatesRow], uow: Uow, caller: Caller
) -> BulkAnswer[CandidateView]:
    """Admit people to a scheduled assessment session, row by row."""
    applications = body.items(AdmitCandidatesRow.application)
    outcomes = await service.admit_candidates(uow, session_id, caller.organisation, applications)
    return body.answer(outcomes, CandidateView.model_validate)
