"""Vouchers over HTTP: looking at them, holding and cancelling them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.voucher.vouchers import queries, service
from services.voucher.vouchers.domain import (
    CancellationNotProposed,
    CancellationNotYours,
    CancellationPending,
    CancelSelfApproval,
    HoldFollowsRegister,
    VoucherState,
)
from services.voucher.vouchers.schemas import (
    CancellationView,
    HoldListView,
    HoldView,
    PlaceHoldRequest,
    ProposeCancellationRequest,
    VoucherView,
)
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.errors import HoldNotFound, VoucherNotFound
from shared.kernel.lifecycle import Held, WrongState

router = api_router(
    "/v1/vouchers", tag="vouchers", description="Vouchers (职业培训券): looking at them, holding and cancelling them."
)
READERS = Allow(Role.WORKER, Role.OFFICER, Role.INSTITUTION, Role.AUDITOR)
FOUND = Refuses(VoucherNotFound)
PLACING = Refuses(WrongState, HoldFollowsRegister)
LIFTING = Refuses(HoldNotFound, HoldFollowsRegister)
HOLD = "/v1/vouchers/{voucher_id}/holds/{id}"


@router.get("", dependencies=[READERS])
async def list_vouchers(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    status: Annotated[VoucherState | None, Query()] = None,
    batch_id: Annotated[UUID | None, Query()] = None,
) -> Page[VoucherView]:
    """List vouchers. Workers see their own, officers and auditors their areas', institutions those bound to them."""
    asked = await service.visible_vouchers(uow, caller, status, batch_id)
    rows = await queries.list_vouchers(uow, asked, after=page.after_uuid, limit=page.fetch)
    return Page[VoucherView].of(rows, page, VoucherView.of)


@router.get("/{voucher_id}", dependencies=[READERS, FOUND])
async def get_voucher(voucher_id: UUID, uow: Uow, caller: Caller) -> VoucherView:
    """Get one voucher. Who may not see it finds none."""
    return VoucherView.of(await service.see_voucher(uow, caller, voucher_id))


@router.get("/{voucher_id}/holds", dependencies=[Allow(Role.OFFICER, Role.AUDITOR), FOUND])
async def list_voucher_holds(voucher_id: UUID, uow: Uow, caller: Caller) -> HoldListView:
    """List all holds that a voucher has had. They are few, and come on one page."""
    await service.see_voucher(uow, caller, voucher_id)
    return HoldListView(data=[HoldView.of(hold) for hold in await queries.holds_of(uow, voucher_id)])


@router.get(
    "/{voucher_id}/holds/{hold_id}", dependencies=[Allow(Role.OFFICER, Role.AUDITOR), FOUND, Refuses(HoldNotFound)]
)
async def get_voucher_hold(voucher_id: UUID, hold_id: UUID, uow: Uow, caller: Caller) -> HoldView:
    """Get one hold of a voucher. It stays after it was lifted."""
    await service.see_voucher(uow, caller, voucher_id)
    return HoldView.of(await queries.hold_of(uow, voucher_id, hold_id))


@router.post("/{voucher_id}/holds", dependencies=[Allow(Role.OFFICER), Creates(HOLD), FOUND, PLACING])
async def place_voucher_hold(voucher_id: UUID, body: PlaceHoldRequest, uow: Uow, caller: Caller) -> HoldView:
    """Hold a voucher. Claim, bind and payout wait until it is lifted; what is true elsewhere does not."""
    await service.see_voucher(uow, caller, voucher_id)
    return HoldView.of(await service.place_hold(uow, voucher_id, body.reason_code, caller.person))


@router.post("/{voucher_id}/holds/{hold_id}/lift", dependencies=[Allow(Role.OFFICER), FOUND, LIFTING])
async def lift_voucher_hold(voucher_id: UUID, hold_id: UUID, uow: Uow, caller: Caller) -> HoldView:
    """Lift one hold. The voucher is free when its last one is lifted."""
    await service.see_voucher(uow, caller, voucher_id)
    return HoldView.of(await service.lift_hold(uow, voucher_id, hold_id, caller.person))


@router.post(
    "/{voucher_id}/cancellations",
    dependencies=[Allow(Role.OFFICER), FOUND, Refuses(CancellationPending, WrongState)],
)
async def propose_voucher_cancellation(
    voucher_id: UUID, body: ProposeCancellationRequest, uow: Uow, caller: Caller
) -> CancellationView:
    """Ask that a voucher be cancelled. Nothing changes for the holder until another officer agrees."""
    await service.see_voucher(uow, caller, voucher_id)
    voucher = await service.propose_cancellation(uow, voucher_id, body.reason_code, caller.person)
    return CancellationView.model_validate(voucher)


@router.post(
    "/{voucher_id}/cancellation-approvals",
    dependencies=[Allow(Role.OFFICER), FOUND, Refuses(CancellationNotProposed, CancelSelfApproval, WrongState)],
)
async def approve_voucher_cancellation(voucher_id: UUID, uow: Uow, caller: Caller) -> CancellationView:
    """Cancel a voucher that another officer asked to cancel. Later than in use, the money is stopped in payout."""
    await service.see_voucher(uow, caller, voucher_id)
    return CancellationView.model_validate(await service.approve_cancellation(uow, voucher_id, caller.person))


@router.post(
    "/{voucher_id}/cancellation-refusals",
    dependencies=[Allow(Role.OFFICER), FOUND, Refuses(CancellationNotProposed, CancelSelfApproval, WrongState)],
)
async def refuse_voucher_cancellation(voucher_id: UUID, uow: Uow, caller: Caller) -> VoucherView:
    """Refuse a cancellation that another officer asked for. The voucher stays as it is."""
    await service.see_voucher(uow, caller, voucher_id)
    return VoucherView.of(await service.refuse_cancellation(uow, voucher_id, caller.person))


@router.post(
    "/{voucher_id}/cancellation-withdrawals",
    dependencies=[Allow(Role.OFFICER), FOUND, Refuses(CancellationNotProposed, CancellationNotYours, WrongState)],
)
async def withdraw_voucher_cancellation(voucher_id: UUID, uow: Uow, caller: Caller) -> VoucherView:
    """Take back one's own proposal to cancel. The voucher stays as it is."""
    await service.see_voucher(uow, caller, voucher_id)
    return VoucherView.of(await service.withdraw_cancellation(uow, voucher_id, caller.person))


@router.post("/{voucher_id}/give-back", dependencies=[Allow(Role.WORKER), FOUND, Refuses(WrongState, Held)])
async def give_voucher_back(voucher_id: UUID, uow: Uow, caller: Caller) -> VoucherView:
    """Give a claimed voucher back (放弃). It returns to the batch, and its holder may claim another."""
    return VoucherView.of(await service.give_back(uow, caller, voucher_id))
