"""Reading payouts, and the holds that officers place on them and lift."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.payouts import queries, service
from services.payout.payouts.domain import PayoutNotFound, PayoutState
from services.payout.payouts.schemas import DecisionView, HoldRequest, HoldView, PayoutDetailView, PayoutView
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/payouts", tag="payouts")

OFFICERS = Allow(Role.OFFICER)
READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)


@router.get("", dependencies=[READERS])
async def list_payouts(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    status: PayoutState | None = None,
    voucher_id: UUID | None = None,
    held: Annotated[bool | None, Query()] = None,  # a query parameter, always named
) -> Page[PayoutView]:
    """Payouts in the caller's scope, in order of opening; `held=true` lists what a hold stops, or stopped too late."""
    wanted = queries.PayoutFilter(status, voucher_id, held)
    found = await queries.find_payouts(uow, caller, wanted, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, PayoutView.of)


@router.get("/{payout_id}", dependencies=[READERS])
async def get_payout(payout_id: UUID, uow: Uow, caller: Caller) -> PayoutDetailView:
    """One payout with its open holds; foreign ones are not found."""
    payout = (await queries.payouts_in_scope(uow, caller, [payout_id])).get(payout_id)
    if payout is None:
        raise PayoutNotFound
    inside = caller.role not in (Role.WORKER, Role.INSTITUTION)
    decisions = await queries.decisions_of(uow, payout_id) if inside else []
    return PayoutDetailView(
        **PayoutView.of(payout).model_dump(),
        holds=[HoldView.model_validate(hold) for hold in await queries.open_holds(uow, [payout_id])],
        decisions=[DecisionView.model_validate(decision) for decision in decisions],
    )


@router.post("/{payout_id}/holds", status_code=201, dependencies=[OFFICERS])
async def hold_payout(payout_id: UUID, body: HoldRequest, uow: Uow, caller: Caller) -> PayoutView:
    """Stop a payout until the hold is lifted; an objection against the public notice stops exactly that payout."""
    return PayoutView.of(await service.hold_payout(uow, caller, payout_id, body.reason_code))


@router.post("/{payout_id}/holds/{hold_id}/lift", status_code=200, dependencies=[OFFICERS])
async def lift_payout_hold(payout_id: UUID, hold_id: UUID, uow: Uow, caller: Caller) -> PayoutView:
    """Lift a hold. Those of a voucher, an institution or a certificate are lifted where they come from."""
    return PayoutView.of(await service.lift_hold(uow, caller, payout_id, hold_id))
