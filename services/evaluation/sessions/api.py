"""Assessment sessions over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.sessions import queries, service
from services.evaluation.sessions.domain import SessionState
from services.evaluation.sessions.schemas import SessionRequest, SessionView
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/assessment-sessions", tag="assessment sessions")
READERS = Allow(Role.BODY, Role.OFFICER, Role.AUDITOR)


@router.post("", status_code=201, dependencies=[Allow(Role.BODY)])
async def schedule_session(body: SessionRequest, uow: Uow, caller: Caller) -> SessionView:
    """Schedule an assessment."""
    return SessionView.model_validate(await service.schedule_session(uow, caller.organisation, body.plan()))


@router.get("", dependencies=[READERS])
async def list_sessions(
    uow: Uow, page: PageQuery, caller: Caller, status: Annotated[SessionState | None, Query()] = None
) -> Page[SessionView]:
    """The sessions that the caller may see."""
    return Page.of(await queries.list_sessions(uow, page, caller, status), page, SessionView.model_validate)


@router.get("/{session_id}", dependencies=[READERS])
async def read_session(session_id: UUID, uow: Uow, caller: Caller) -> SessionView:
    """One session."""
    return SessionView.model_validate(await queries.get_session(uow, session_id, caller))


@router.post("/{session_id}/openings", dependencies=[Allow(Role.BODY)])
async def open_session(session_id: UUID, uow: Uow, caller: Caller) -> SessionView:
    """Open the assessment on its day."""
    return SessionView.model_validate(await service.open_session(uow, session_id, caller.organisation))
