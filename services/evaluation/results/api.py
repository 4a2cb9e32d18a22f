"""Confirmations and decisions on appeals over HTTP, by the supervisor of the session."""

from uuid import UUID

from services.evaluation.assessment_sessions.domain import (
    AssessmentSessionNotFound,
    NotTheSupervisor,
    PanelNotDistinct,
    SupervisorFromTheBody,
)
from services.evaluation.bodies.domain import BodyNotFound, BodyNotListed
from services.evaluation.candidates.domain import CandidateNotFound
from services.evaluation.certificates.domain import (
    CertificateAlreadyLive,
    CertificateNumbersExhausted,
    CertificateNumberTaken,
)
from services.evaluation.results import service
from services.evaluation.results.domain import AppealNotScored
from services.evaluation.results.schemas import AppealDecisionView, ConfirmationView
from shared.http import Allow, Caller, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing

router = api_router(
    "/v1",
    tag="results",
    description="Results: the supervisor, who is neither assessor, confirms; who passed gets a certificate at once.",
)
SUPERVISORS = Allow(Role.OFFICER, Role.BODY)
SUPERVISION = Refuses(
    NotTheSupervisor, SupervisorFromTheBody, PanelNotDistinct, BodyNotFound, BodyNotListed, WrongState
)
ISSUE = Refuses(RuleMissing, CertificateAlreadyLive, CertificateNumbersExhausted, CertificateNumberTaken)


@router.post(
    "/assessment-sessions/{session_id}/confirmations",
    dependencies=[SUPERVISORS, Refuses(AssessmentSessionNotFound), SUPERVISION, ISSUE],
)
async def confirm_assessment_session(session_id: UUID, uow: Uow, caller: Caller) -> ConfirmationView:
    """Confirm a scored session, as its supervisor.

    Every candidate passes or fails by the scores that both assessors signed, and who passes gets a certificate, all at
    once or not at all.
    """
    return ConfirmationView.of(*await service.confirm_session(uow, session_id, caller))


@router.post(
    "/candidates/{candidate_id}/appeal-decisions",
    dependencies=[SUPERVISORS, Refuses(CandidateNotFound, AppealNotScored), SUPERVISION, ISSUE],
)
async def decide_appeal(candidate_id: UUID, uow: Uow, caller: Caller) -> AppealDecisionView:
    """Decide an appeal by the scores that both assessors have signed since, as the session's supervisor."""
    return AppealDecisionView.of(candidate_id, await service.decide_appeal(uow, candidate_id, caller))
