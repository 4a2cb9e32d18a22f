"""Class sessions and their attendance over HTTP."""

from uuid import UUID

from fastapi import params

from services.training.attendance import queries, service
from services.training.attendance.schemas import (
    AttendanceView,
    AttendedView,
    ClassSessionView,
    CorrectionRowBody,
    RosterRowBody,
)
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Role, Uow, api_router

router = api_router("/v1", tag="attendance")
INSTITUTIONS: params.Depends = Allow(Role.INSTITUTION)
WATCHERS: params.Depends = Allow(Role.INSTITUTION, Role.OFFICER, Role.AUDITOR)


@router.post("/class-sessions/{session_id}/openings", status_code=201, dependencies=[INSTITUTIONS])
async def open_session(session_id: UUID, uow: Uow, caller: Caller) -> ClassSessionView:
    """Open a session for check-ins; the first one begins the class."""
    return ClassSessionView.model_validate(await service.open_class_session(uow, session_id, caller))


@router.post("/class-sessions/{session_id}/rosters", dependencies=[INSTITUTIONS])
async def roster(
    session_id: UUID, body: BulkRequest[RosterRowBody], uow: Uow, caller: Caller
) -> BulkAnswer[AttendanceView]:
    """The attendance of a whole session that is over; a roster without a refused row closes it."""
    outcomes = await service.record_roster(uow, session_id, [row.row() for row in body.rows], caller)
    return body.answer(outcomes, lambda presence: AttendanceView.of_roster(session_id, presence))


@router.post("/class-sessions/{session_id}/closings", status_code=201, dependencies=[INSTITUTIONS])
async def close_session(session_id: UUID, uow: Uow, caller: Caller) -> ClassSessionView:
    """Close a session that is over with what was recorded."""
    return ClassSessionView.model_validate(await service.close_class_session(uow, session_id, caller))


@router.post("/class-sessions/{session_id}/corrections", dependencies=[Allow(Role.OFFICER)])
async def correct(
    session_id: UUID, body: BulkRequest[CorrectionRowBody], uow: Uow, caller: Caller
) -> BulkAnswer[AttendanceView]:
    """Correct a closed session's attendance, or approve make-ups (补卡)."""
    outcomes = await service.correct_attendance(uow, session_id, [row.row() for row in body.rows], caller)
    return body.answer(outcomes, lambda correction: AttendanceView.of_correction(session_id, correction))


@router.get("/class-sessions/{session_id}", dependencies=[WATCHERS])
async def show(session_id: UUID, uow: Uow, caller: Caller) -> ClassSessionView:
    """One class session."""
    return ClassSessionView.model_validate(await queries.see_session(uow, session_id, caller))


@router.get("/class-sessions/{session_id}/attendance", dependencies=[WATCHERS])
async def of_session(session_id: UUID, uow: Uow, caller: Caller) -> list[AttendanceView]:
    """The standing records of a session, at most one a seat."""
    return [AttendanceView.of_standing(one) for one in await queries.attendance_of_session(uow, session_id, caller)]


@router.get(
    "/enrolments/{enrolment_id}/attendance",
    dependencies=[Allow(Role.INSTITUTION, Role.OFFICER, Role.WORKER, Role.AUDITOR)],
)
async def of_enrolment(enrolment_id: UUID, uow: Uow, caller: Caller) -> AttendedView:
    """What one enrolment's attendance comes to so far."""
    sheet = await queries.attendance_of_enrolment(uow, enrolment_id, caller)
    return AttendedView(
        enrolment_id=enrolment_id,
        planned_minutes=sheet.planned_minutes,
        counted_minutes=sheet.attended.counted_minutes,
        make_up_minutes=sheet.attended.make_up_minutes,
        class_hours=sheet.class_hours,
        enough=sheet.enough,
        records=[AttendanceView.of_standing(one) for one in sheet.records],
    )
