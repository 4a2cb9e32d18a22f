"""Codes, check-ins and check-outs over HTTP."""

from uuid import UUID

from services.training.check_ins import service
from services.training.check_ins.schemas import CodeBody, CodeView, StayView
from shared.http import Allow, Caller, Role, Uow, api_router, idempotent_by_nature

router = api_router("/v1/class-sessions", tag="check-ins")


@router.post("/{session_id}/codes", status_code=201, dependencies=[Allow(Role.INSTITUTION), idempotent_by_nature])
async def code(session_id: UUID, uow: Uow, caller: Caller) -> CodeView:
    """The code that an open session shows now; another every 30 seconds."""
    return CodeView.model_validate(await service.show_code(uow, session_id, caller))


@router.post("/{session_id}/check-ins", status_code=201, dependencies=[Allow(Role.WORKER)])
async def check_in(session_id: UUID, body: CodeBody, uow: Uow, caller: Caller) -> StayView:
    """Come to a session (签到)."""
    return StayView.model_validate(await service.check_in(uow, session_id, body.code, caller))


@router.post("/{session_id}/check-outs", status_code=201, dependencies=[Allow(Role.WORKER)])
async def check_out(session_id: UUID, body: CodeBody, uow: Uow, caller: Caller) -> StayView:
    """Go from a session (签退): the stay is recorded."""
    return StayView.model_validate(await service.check_out(uow, session_id, body.code, caller))
