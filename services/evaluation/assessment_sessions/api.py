"""Assessment sessions over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.assessment_sessions import queries, service
from services.evaluation.assessment_sessions.domain import (
    AssessmentInThePast,
    AssessmentNotToday,
    AssessmentSessionNotFound,
    AssessmentSessionState,
    AssessmentWithoutCandidates,
    PanelNotDistinct,
    ReviewOfPermitsOnly,
    SupervisorFromTheBody,
)
from services.evaluation.assessment_sessions.schemas import AssessmentSessionView, ScheduleAssessmentSessionRequest
from services.evaluation.assessors.domain import AssessorNotQualified
from services.evaluation.bodies.domain import BodyNotFound, BodyNotListed, BodyOutsideScope
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.errors import NotReceivedYet
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing
from shared.reference.skills import SkillLevelInvalid, SkillUnknown

router = api_router(
    "/v1/assessment-sessions",
    tag="assessment sessions",
    description="Assessments: one skill and level, one day, two assessors who sign and a supervisor who confirms.",
)
READERS = Allow(Role.BODY, Role.OFFICER, Role.AUDITOR)
BODY = Refuses(BodyNotFound, BodyNotListed, BodyOutsideScope)
PLAN = Refuses(SkillUnknown, SkillLevelInvalid, ReviewOfPermitsOnly, AssessmentInThePast)
PANEL = Refuses(PanelNotDistinct, NotReceivedYet, SupervisorFromTheBody, AssessorNotQualified)
OPENING = Refuses(AssessmentSessionNotFound, WrongState, AssessmentNotToday, AssessmentWithoutCandidates, RuleMissing)


@router.post("", dependencies=[Allow(Role.BODY), Creates("/v1/assessment-sessions/{id}"), BODY, PLAN, PANEL])
async def schedule_assessment_session(
    body: ScheduleAssessmentSessionRequest, uow: Uow, caller: Caller
) -> AssessmentSessionView:
    """Schedule an assessment of a skill and level on a day, before a panel of three people."""
    return AssessmentSessionView.model_validate(await service.schedule_session(uow, caller.organisation, body.plan()))


@router.get("", dependencies=[READERS])
async def list_assessment_sessions(
    uow: Uow, page: PageQuery, caller: Caller, status: Annotated[AssessmentSessionState | None, Query()] = None
) -> Page[AssessmentSessionView]:
    """List the assessment sessions of the caller's body or areas, and those of whose panel they are."""
    found = await queries.list_sessions(uow, page, caller, status)
    return Page.of(found, page, AssessmentSessionView.model_validate)


@router.get("/{session_id}", dependencies=[READERS, Refuses(AssessmentSessionNotFound)])
async def get_assessment_session(session_id: UUID, uow: Uow, caller: Caller) -> AssessmentSessionView:
    """Read one assessment session."""
    return AssessmentSessionView.model_validate(await queries.see_session(uow, session_id, caller))


@router.post("/{session_id}/openings", dependencies=[Allow(Role.BODY), OPENING, BODY])
async def open_assessment_session(session_id: UUID, uow: Uow, caller: Caller) -> AssessmentSessionView:
    """Open an assessment on its day, or in the few days after. From then on no candidate is added."""
    return AssessmentSessionView.model_validate(await service.open_session(uow, session_id, caller.organisation))
