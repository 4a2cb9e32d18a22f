"""Holds over HTTP."""

from uuid import UUID

from services.voucher.holds import queries, service
from services.voucher.holds.schemas import HoldBody, HoldView
from services.voucher.vouchers.service import see_voucher
from shared.http import Allow, Caller, Role, Uow, api_router

router = api_router("/v1/vouchers", tag="holds")


@router.post("/{voucher_id}/holds", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def place(voucher_id: UUID, body: HoldBody, uow: Uow, caller: Caller) -> HoldView:
    """Hold a voucher: decisions wait, facts do not."""
    await see_voucher(uow, caller, voucher_id)
    return HoldView.of(await service.place_hold(uow, voucher_id, body.reason_code, caller.person))


@router.post("/{voucher_id}/holds/{hold_id}/lift", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def lift(voucher_id: UUID, hold_id: UUID, uow: Uow, caller: Caller) -> HoldView:
    """Lift one hold."""
    await see_voucher(uow, caller, voucher_id)
    return HoldView.of(await service.lift_hold(uow, voucher_id, hold_id, caller.person))


@router.get("/{voucher_id}/holds", dependencies=[Allow(Role.OFFICER, Role.AUDITOR)])
async def listing(voucher_id: UUID, uow: Uow, caller: Caller) -> list[HoldView]:
    """All holds that a voucher has had."""
    await see_voucher(uow, caller, voucher_id)
    return [HoldView.of(hold) for hold in await queries.holds_of(uow, voucher_id)]
