"""Corrections of attendance over HTTP."""

from uuid import UUID

from services.training.attendance.domain import (
    AttendanceInFuture,
    AttendanceOutsideSession,
    AttendanceOverlaps,
    AttendanceRecordedAlready,
    EnrolmentNotAttending,
)
from services.training.attendance.schemas import AttendanceView
from services.training.class_sessions.domain import ClassSessionNotFound
from services.training.corrections import service
from services.training.corrections.domain import (
    AttendanceNothingToCorrect,
    ClassSessionNotClosed,
    ClassVerified,
    CorrectionTimesInvalid,
    MakeUpsExhausted,
)
from services.training.corrections.schemas import CorrectAttendanceRow
from services.training.enrolments.domain import EnrolmentNotFound
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Refuses, Role, Uow, api_router
from shared.persistence.dated import RuleMissing

router = api_router(
    "/v1/class-sessions", tag="corrections", description="Corrections of closed sessions (更正), and make-ups (补卡)."
)

SESSION = Refuses(ClassSessionNotFound, ClassSessionNotClosed, ClassVerified, RuleMissing)
ROWS = Refuses(
    EnrolmentNotFound,
    EnrolmentNotAttending,
    AttendanceRecordedAlready,
    CorrectionTimesInvalid,
    AttendanceNothingToCorrect,
    MakeUpsExhausted,
    AttendanceOutsideSession,
    AttendanceInFuture,
    AttendanceOverlaps,
)


@router.post("/{class_session_id}/corrections", dependencies=[Allow(Role.OFFICER), SESSION, ROWS])
async def correct_attendance(
    class_session_id: UUID, body: BulkRequest[CorrectAttendanceRow], uow: Uow, caller: Caller
) -> BulkAnswer[AttendanceView]:
    """Correct a closed session's attendance, or approve make-ups (补卡)."""
    outcomes = await service.correct_attendance(uow, class_session_id, [row.row() for row in body.rows], caller)
    return body.answer(outcomes, lambda made: AttendanceView.of(class_session_id, made.attendee, made.kind, made.stay))
