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
from services.evaluation.assessment_sessions.domain import (
    AssessmentSessionNotFound,
    PanelNotDistinct,
    SupervisorFromTheBody,
)
from services.evaluation.assessment_sessions.schemas import AssessmentSessionView, ReplaceAssessmentPanelRequest
from services.evaluation.assessors.domain import AssessorNotQualified
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
from shared.kernel.lifecycle import WrongState
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
PANEL = Refuses(PanelNotDistinct, NotReceivedYet, SupervisorFromTheBody, AssessorNotQualified)
SCHEDULED = Refuses(AssessmentSessionNotFound, WrongState)


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


@router.post(
    "/{session_id}/panels",
    dependencies=[Allow(Role.BODY), SCHEDULED, PANEL, Refuses(CandidateOnPanel, TaughtByAnAssessor)],
)
async def replace_assessment_panel(
    session_id: UUID, body: ReplaceAssessmentPanelRequest, uow: Uow, caller: Caller
) -> AssessmentSessionView:
    """Let others assess and supervise a session that was not opened, as independent of its candidates."""
    session = await service.replace_panel(uow, session_id, caller.organisation, body.panel(), body.reason_code)
    return AssessmentSessionView.model_validate(session)
