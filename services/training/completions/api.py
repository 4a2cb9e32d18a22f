"""The end of a class over HTTP."""

from uuid import UUID

from services.training.attendance.domain import EnrolmentNotAttending
from services.training.class_sessions.domain import ClassSessionNotOver
from services.training.classes.domain import ClassNotFound
from services.training.classes.schemas import ClassView
from services.training.completions import service
from services.training.completions.domain import ClassNotFinished, EnrolmentDecided, TestedBeforeTheEnd
from services.training.completions.schemas import RecordTestsRow
from services.training.enrolments.domain import EnrolmentNotFound
from services.training.enrolments.schemas import EnrolmentView
from services.training.institutions.domain import InstitutionNotActive
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Refuses, Role, Uow, api_router
from shared.kernel.errors import DayNotYet
from shared.kernel.lifecycle import WrongState
from shared.persistence.dated import RuleMissing

router = api_router(
    "/v1/classes",
    tag="completions",
    description="The end of a class: completion tests (结业考核), verification (验收).",
)


@router.post(
    "/{class_id}/finishes",
    dependencies=[
        Allow(Role.INSTITUTION),
        Refuses(ClassNotFound, ClassSessionNotOver, ClassNotFinished, InstitutionNotActive),
    ],
)
async def finish_class(class_id: UUID, uow: Uow, caller: Caller) -> ClassView:
    """Say that a class is over. Sessions still open close with what was recorded."""
    return ClassView.model_validate(await service.finish_class(uow, class_id, caller))


@router.post(
    "/{class_id}/completion-tests",
    dependencies=[
        Allow(Role.INSTITUTION),
        Refuses(
            ClassNotFound,
            ClassNotFinished,
            EnrolmentNotFound,
            EnrolmentNotAttending,
            EnrolmentDecided,
            DayNotYet,
            TestedBeforeTheEnd,
            RuleMissing,
        ),
    ],
)
async def record_tests(
    class_id: UUID, body: BulkRequest[RecordTestsRow], uow: Uow, caller: Caller
) -> BulkAnswer[EnrolmentView]:
    """Enter completion tests (结业考核). Attendance and score decide how each enrolment ends."""
    outcomes = await service.record_tests(uow, class_id, [row.row() for row in body.rows], caller)
    return body.answer(outcomes, EnrolmentView.model_validate)


@router.post(
    "/{class_id}/verifications",
    dependencies=[Allow(Role.OFFICER), Refuses(ClassNotFound, WrongState, RuleMissing)],
)
async def verify_class(class_id: UUID, uow: Uow, caller: Caller) -> ClassView:
    """Verify a finished class. Enrolments without a result end with what their attendance says."""
    return ClassView.model_validate(await service.verify_class(uow, class_id, caller))
