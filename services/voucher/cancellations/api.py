"""Cancellations over HTTP."""

from uuid import UUID

from services.voucher.cancellations import service
from services.voucher.cancellations.schemas import CancelBody, CancellationView
from services.voucher.vouchers.service import see_voucher
from shared.http import Allow, Caller, Role, Uow, api_router

router = api_router("/v1/vouchers", tag="cancellations")


@router.post("/{voucher_id}/cancellations", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def propose(voucher_id: UUID, body: CancelBody, uow: Uow, caller: Caller) -> CancellationView:
    """Ask that a voucher be cancelled."""
    await see_voucher(uow, caller, voucher_id)
    await service.propose_cancellation(uow, voucher_id, body.reason_code, caller.person)
    return CancellationView.model_validate(await see_voucher(uow, caller, voucher_id))


@router.post("/{voucher_id}/cancellation-approvals", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def approve(voucher_id: UUID, uow: Uow, caller: Caller) -> CancellationView:
    """Cancel a voucher that another officer asked to cancel."""
    await see_voucher(uow, caller, voucher_id)
    await service.approve_cancellation(uow, voucher_id, caller.person)
    return CancellationView.model_validate(await see_voucher(uow, caller, voucher_id))
