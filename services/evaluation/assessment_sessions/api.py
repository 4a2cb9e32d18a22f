"""Assessment sessions over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.assessment_sessions import queries, service
from services.evaluation.assessment_sessions.domain import AssessmentSessionState
from services.evaluation.assessment_sessions.schemas import AssessmentSessionView, ScheduleAssessmentSessionRequest
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/assessment-sessions", tag="assessment sessions")
READERS = Allow(Role.BODY, Role.OFFICER, Role.AUDITOR)


@router.post("", status_code=201, dependencies=[Allow(Role.BODY)])
async def schedule_assessment_session(
    body: ScheduleAssessmentSessionRequest, uow: Uow, caller: Caller
) -> AssessmentSessionView:
    """Schedule an assessment."""
    return AssessmentSessionView.model_validate(await service.schedule_session(uow, caller.organisation, body.plan()))


@router.get("", dependencies=[READERS])
async def list_assessment_sessions(
    uow: Uow, page: PageQuery, caller: Caller, status: Annotated[AssessmentSessionState | None, Query()] = None
) -> Page[AssessmentSessionView]:
    """The sessions that the caller may see."""
    found = await queries.list_sessions(uow, page, caller, status)
    return Page.of(found, page, AssessmentSessionView.model_validate)


@router.get("/{session_id}", dependencies=[READERS])
async def get_assessment_session(session_id: UUID, uow: Uow, caller: Caller) -> AssessmentSessionView:
    """One session."""
    return AssessmentSessionView.model_validate(await queries.get_session(uow, session_id, caller))


@router.post("/{session_id}/openings", dependencies=[Allow(Role.BODY)])
async def open_assessment_session(session_id: UUID, uow: Uow, caller: Caller) -> AssessmentSessionView:
    """Open the assessment on its day."""
    return AssessmentSessionView.model_validate(await service.open_session(uow, session_id, caller.organisation))
