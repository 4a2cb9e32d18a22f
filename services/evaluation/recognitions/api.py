"""Imports and direct recognitions over HTTP."""

from uuid import UUID

from services.evaluation.recognitions import service
from services.evaluation.recognitions.schemas import ImportRow, RecordedView, RegisterAnswerRequest
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Role, Uow, api_router

router = api_router("/v1", tag="recognitions")


@router.post("/certificate-imports", dependencies=[Allow(Role.OFFICER)])
async def import_certificates(body: BulkRequest[ImportRow], uow: Uow, caller: Caller) -> BulkAnswer[RecordedView]:
    """Record certificates from elsewhere, row by row."""
    outcomes = await service.import_certificates(uow, [row.certificate() for row in body.rows], caller)
    return body.answer(outcomes, RecordedView.model_validate)


@router.post("/certificates/{certificate_id}/register-answers", dependencies=[Allow(Role.OFFICER)])
async def record_register_answer(
    certificate_id: UUID, body: RegisterAnswerRequest, uow: Uow, caller: Caller
) -> RecordedView:
    """Record the register's answer, as another officer."""
    certificate = await service.record_register_answer(uow, certificate_id, body.answer, body.source, caller)
    return RecordedView.model_validate(certificate)
