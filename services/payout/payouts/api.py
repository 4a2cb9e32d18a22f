"""Reading payouts, and the holds that officers place on them and lift."""

from uuid import UUID

from services.payout.accounts.domain import HeirsAccountMissing
from services.payout.holds.domain import HoldNeedsTwo, HoldOfAnotherSource
from services.payout.holds.queries import open_holds
from services.payout.payouts import queries, service
from services.payout.payouts.domain import PayoutAlreadyLive, PayoutNotFound, SamePerson, WorkRules
from services.payout.payouts.schemas import (
    DecisionView,
    HoldView,
    PayoutDetailView,
    PayoutQuery,
    PayoutTotalsView,
    PayoutTotalView,
    PayoutView,
    PayoutWorkView,
    PlaceHoldRequest,
    ShortageView,
)
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.credit_code import CreditCodeInvalid
from shared.kernel.errors import HoldNotFound
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing, rules_on
from shared.reference.areas import AreaUnknown

router = api_router(
    "/v1/payouts", tag="payouts", description="What is owed and paid for a certificate (兑现), and what stops it."
)
totals = api_router("/v1/payout-totals", tag="payout totals", description="What lists of payouts come to.")

READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)
INSIDE = Allow(Role.OFFICER, Role.FINANCE, Role.AUDITOR)
OFFICERS = Allow(Role.OFFICER)
FOUND = Refuses(PayoutNotFound)
FILTERED = Refuses(AreaUnknown, CreditCodeInvalid, RuleMissing)


@router.get("", dependencies=[READERS, FILTERED])
async def list_payouts(uow: Uow, caller: Caller, page: PageQuery, wanted: PayoutQuery) -> Page[PayoutWorkView]:
    """List payouts in the caller's scope, oldest first. `held=true` lists what a hold stops, or stopped too late."""
    rules = await rules_on(uow, WorkRules, uow.today)
    found = await queries.list_payouts(uow, caller, wanted, rules, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, lambda payout: PayoutWorkView.on(payout, rules, uow.today))


@totals.get("", dependencies=[READERS, FILTERED])
async def get_payout_totals(uow: Uow, caller: Caller, wanted: PayoutQuery) -> PayoutTotalsView:
    """Get how many payouts the same filter lists, and their sum, by state."""
    rules = await rules_on(uow, WorkRules, uow.today)
    found = await queries.total_payouts(uow, caller, wanted, rules)
    return PayoutTotalsView(
        data=[PayoutTotalView.model_validate(total) for total in found],
        count=sum(total.count for total in found),
        amount_fen=sum(total.amount_fen for total in found),
    )


@router.get("/{payout_id}", dependencies=[READERS, FOUND, Refuses(RuleMissing)])
async def get_payout(payout_id: UUID, uow: Uow, caller: Caller) -> PayoutDetailView:
    """Get one payout with its open holds. Who decided is shown inside the administration only."""
    payout = (await queries.find_payouts(uow, caller, [payout_id])).get(payout_id)
    if payout is None:
        raise PayoutNotFound
    inside = caller.role not in (Role.WORKER, Role.INSTITUTION)
    decisions = await queries.decisions_of(uow, payout_id) if inside else []
    awaits_class = await queries.awaits_class(uow, payout)
    shortage = None if awaits_class else await queries.shortage_of(uow, payout)
    return PayoutDetailView(
        **PayoutView.of(payout).model_dump(),
        shortage=ShortageView.model_validate(shortage) if shortage else None,
        awaits_class_verification=awaits_class,
        objection_until=await service.objection_until(uow, payout),
        holds=[HoldView.shown_to(caller.role, hold) for hold in await open_holds(uow, [payout_id])],
        decisions=[DecisionView.model_validate(decision) for decision in decisions],
    )


@router.get("/{payout_id}/holds/{hold_id}", dependencies=[INSIDE, FOUND, Refuses(HoldNotFound)])
async def get_payout_hold(payout_id: UUID, hold_id: UUID, uow: Uow, caller: Caller) -> HoldView:
    """Get one hold of a payout, lifted or not."""
    return HoldView.model_validate(await service.see_hold(uow, caller, payout_id, hold_id))


@router.post(
    "/{payout_id}/holds",
    dependencies=[OFFICERS, Creates("/v1/payouts/{payout_id}/holds/{id}"), FOUND, Refuses(WrongState)],
)
async def place_payout_hold(payout_id: UUID, body: PlaceHoldRequest, uow: Uow, caller: Caller) -> HoldView:
    """Stop a payout until the hold is lifted. An objection against the public notice stops exactly that payout."""
    return HoldView.model_validate(await service.place_hold(uow, caller, payout_id, body.reason_code))


@router.post(
    "/{payout_id}/holds/{hold_id}/lift",
    dependencies=[
        OFFICERS,
        FOUND,
        Refuses(HoldNotFound, HoldOfAnotherSource, HoldNeedsTwo, SamePerson, PayoutAlreadyLive),
    ],
)
async def lift_payout_hold(payout_id: UUID, hold_id: UUID, uow: Uow, caller: Caller) -> HoldView:
    """Lift a hold. Those of a voucher, an institution or a certificate are lifted where they come from."""
    return HoldView.model_validate(await service.lift_hold(uow, caller, payout_id, hold_id))


@router.post(
    "/{payout_id}/holds/{hold_id}/take-overs",
    dependencies=[
        OFFICERS,
        Creates("/v1/payouts/{payout_id}/holds/{id}"),
        FOUND,
        Refuses(HoldNotFound, HoldOfAnotherSource, HeirsAccountMissing, SamePerson, WrongState),
    ],
)
async def take_over_payout_hold(
    payout_id: UUID, hold_id: UUID, body: PlaceHoldRequest, uow: Uow, caller: Caller
) -> HoldView:
    """Answer for a payout that a register, a removed institution or a dead holder holds, with a reason.

    Another officer lifts it. Where the worker was to be paid, finance confirms an account of the heirs before.
    """
    return HoldView.model_validate(await service.take_over_hold(uow, caller, payout_id, hold_id, body.reason_code))
