"""The end of a class over HTTP."""

from uuid import UUID

from services.training.completions import service
from services.training.completions.schemas import FinishedView, ResultView, TestRowBody
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Role, Uow, api_router

router = api_router("/v1/classes", tag="completions")


@router.post("/{class_id}/finishes", status_code=201, dependencies=[Allow(Role.INSTITUTION)])
async def finish(class_id: UUID, uow: Uow, caller: Caller) -> FinishedView:
    """Say that a class is over; sessions still open close with what was recorded."""
    return FinishedView.model_validate(await service.finish_class(uow, class_id, caller))


@router.post("/{class_id}/completion-tests", dependencies=[Allow(Role.INSTITUTION)])
async def test(class_id: UUID, body: BulkRequest[TestRowBody], uow: Uow, caller: Caller) -> BulkAnswer[ResultView]:
    """Enter completion tests (结业考核); attendance and score decide how each enrolment ends."""
    outcomes = await service.record_tests(uow, class_id, [row.row() for row in body.rows], caller)
    return body.answer(outcomes, ResultView.model_validate)


@router.post("/{class_id}/verifications", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def verify(class_id: UUID, uow: Uow, caller: Caller) -> FinishedView:
    """Verify a finished class; enrolments without a result end with what their attendance says."""
    return FinishedView.model_validate(await service.verify(uow, class_id, caller))
