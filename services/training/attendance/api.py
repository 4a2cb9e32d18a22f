"""Class sessions, check-ins and attendance over HTTP."""

from uuid import UUID

from fastapi import params

from services.training.attendance import queries, service
from services.training.attendance.domain import (
    AttendanceInFuture,
    AttendanceKind,
    AttendanceOutsideSession,
    AttendanceOverlaps,
    AttendanceRecordedAlready,
    CheckedInAlready,
    EnrolmentNotAttending,
    NotCheckedIn,
    SessionCodeInvalid,
    SessionCodeUsed,
)
from services.training.attendance.schemas import (
    AttendanceView,
    EnrolmentAttendanceView,
    RecordRosterRow,
    SessionAttendanceView,
    SessionCodeRequest,
    SessionCodeView,
    VisitView,
)
from services.training.class_sessions.domain import (
    ClassSessionNotFound,
    ClassSessionNotOpen,
    ClassSessionNotOver,
    ClassSessionOver,
    ClassSessionTooEarly,
)
from services.training.classes.schemas import ClassSessionView
from services.training.enrolments.domain import EnrolmentNotFound
from services.training.institutions.domain import InstitutionNotActive
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Refuses, Role, Uow, api_router, idempotent_by_nature
from shared.kernel.lifecycle import WrongState
from shared.persistence.dated import RuleMissing

router = api_router("/v1", tag="attendance", description="Class sessions, check-ins (签到), rosters and attendance.")
INSTITUTIONS: params.Depends = Allow(Role.INSTITUTION)
WORKERS: params.Depends = Allow(Role.WORKER)
VISIT = Refuses(
    ClassSessionNotFound,
    EnrolmentNotAttending,
    ClassSessionNotOpen,
    ClassSessionOver,
    SessionCodeInvalid,
    SessionCodeUsed,
    RuleMissing,
)
STAYS = Refuses(
    EnrolmentNotFound,
    EnrolmentNotAttending,
    AttendanceRecordedAlready,
    AttendanceOutsideSession,
    AttendanceInFuture,
    AttendanceOverlaps,
)
WATCHERS: params.Depends = Allow(Role.INSTITUTION, Role.OFFICER, Role.AUDITOR)


@router.get("/class-sessions/{class_session_id}", dependencies=[WATCHERS, Refuses(ClassSessionNotFound)])
async def get_class_session(class_session_id: UUID, uow: Uow, caller: Caller) -> ClassSessionView:
    """Show a class session."""
    return ClassSessionView.model_validate(await queries.see_session(uow, class_session_id, caller))


@router.post(
    "/class-sessions/{class_session_id}/openings",
    dependencies=[
        INSTITUTIONS,
        Refuses(
            ClassSessionNotFound, ClassSessionTooEarly, ClassSessionOver, WrongState, InstitutionNotActive, RuleMissing
        ),
    ],
)
async def open_class_session(class_session_id: UUID, uow: Uow, caller: Caller) -> ClassSessionView:
    """Open a session for check-ins. The first one begins the class."""
    return ClassSessionView.model_validate(await service.open_class_session(uow, class_session_id, caller))


@router.post(
    "/class-sessions/{class_session_id}/codes",
    dependencies=[INSTITUTIONS, idempotent_by_nature, Refuses(ClassSessionNotFound, ClassSessionNotOpen)],
)
async def show_session_code(class_session_id: UUID, uow: Uow, caller: Caller) -> SessionCodeView:
    """Show the code of an open session. There is another every 30 seconds."""
    return SessionCodeView.model_validate(await service.show_code(uow, class_session_id, caller))


@router.post(
    "/class-sessions/{class_session_id}/check-ins",
    dependencies=[WORKERS, VISIT, Refuses(ClassSessionTooEarly, CheckedInAlready)],
)
async def check_in(class_session_id: UUID, body: SessionCodeRequest, uow: Uow, caller: Caller) -> VisitView:
    """Come to a session (签到)."""
    return VisitView.model_validate(await service.check_in(uow, class_session_id, body.code, caller))


@router.post(
    "/class-sessions/{class_session_id}/check-outs",
    dependencies=[
        WORKERS,
        VISIT,
        Refuses(NotCheckedIn, AttendanceRecordedAlready, AttendanceOutsideSession, AttendanceOverlaps),
    ],
)
async def check_out(class_session_id: UUID, body: SessionCodeRequest, uow: Uow, caller: Caller) -> VisitView:
    """Go from a session (签退). The stay is recorded."""
    return VisitView.model_validate(await service.check_out(uow, class_session_id, body.code, caller))


@router.post(
    "/class-sessions/{class_session_id}/rosters",
    dependencies=[
        INSTITUTIONS,
        Refuses(
            ClassSessionNotFound,
            ClassSessionNotOver,
            ClassSessionNotOpen,
            ClassSessionOver,
            InstitutionNotActive,
            RuleMissing,
        ),
        STAYS,
    ],
)
async def record_roster(
    class_session_id: UUID, body: BulkRequest[RecordRosterRow], uow: Uow, caller: Caller
) -> BulkAnswer[AttendanceView]:
    """Record the attendance of a whole session that is over. A roster without a refused row closes it."""
    outcomes = await service.record_roster(uow, class_session_id, [row.row() for row in body.rows], caller)
    return body.answer(
        outcomes, lambda stay: AttendanceView.of(class_session_id, stay.attendee, AttendanceKind.ROSTER, stay)
    )


@router.post(
    "/class-sessions/{class_session_id}/closings",
    dependencies=[INSTITUTIONS, Refuses(ClassSessionNotFound, ClassSessionNotOver, WrongState, InstitutionNotActive)],
)
async def close_class_session(class_session_id: UUID, uow: Uow, caller: Caller) -> ClassSessionView:
    """Close a session that is over with what was recorded."""
    return ClassSessionView.model_validate(await service.close_class_session(uow, class_session_id, caller))


@router.get("/class-sessions/{class_session_id}/attendance", dependencies=[WATCHERS, Refuses(ClassSessionNotFound)])
async def list_session_attendance(class_session_id: UUID, uow: Uow, caller: Caller) -> SessionAttendanceView:
    """List the standing records of a session. There is at most one a seat."""
    records = await queries.attendance_of_session(uow, class_session_id, caller)
    return SessionAttendanceView(data=[AttendanceView.of_standing(record) for record in records])


@router.get(
    "/enrolments/{enrolment_id}/attendance",
    dependencies=[
        Allow(Role.INSTITUTION, Role.OFFICER, Role.WORKER, Role.AUDITOR),
        Refuses(EnrolmentNotFound, RuleMissing),
    ],
)
async def get_enrolment_attendance(enrolment_id: UUID, uow: Uow, caller: Caller) -> EnrolmentAttendanceView:
    """Show what an enrolment's attendance comes to so far."""
    return EnrolmentAttendanceView.of(enrolment_id, await queries.attendance_of_enrolment(uow, enrolment_id, caller))
