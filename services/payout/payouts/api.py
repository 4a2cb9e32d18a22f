"""Payouts over HTTP: claiming, reading, holding, and the officers' decisions, each on a list, answered row by row."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.claims.service import claim_payout
from services.payout.dockets.service import Outcome
from services.payout.holds.queries import open_holds
from services.payout.holds.service import hold_payout, lift_hold
from services.payout.payouts import queries
from services.payout.payouts.domain import PayoutNotFound, PayoutState
from services.payout.payouts.schemas import (
    DecisionView,
    HoldRequest,
    HoldView,
    PayoutClaim,
    PayoutDetailView,
    PayoutRejectionRow,
    PayoutRow,
    PayoutView,
)
from services.payout.reviews import service as reviews
from shared.http import (
    Allow,
    BulkAnswer,
    BulkRequest,
    Caller,
    Page,
    PageQuery,
    Principal,
    Role,
    Uow,
    api_router,
)
from shared.persistence import UnitOfWork

router = api_router("/v1", tag="payouts")

OFFICERS = Allow(Role.OFFICER)
READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)

Decide = Callable[[UnitOfWork, Principal, Sequence[UUID]], Awaitable[list[Outcome]]]


@router.post("/payouts", status_code=201, dependencies=[Allow(Role.INSTITUTION)])
async def claim(body: PayoutClaim, uow: Uow, caller: Caller) -> PayoutView:
    """Claim what a certified voucher is worth (兑现).

    Without a verified certificate nothing is born: 409 `certificate_missing`. A voucher that has a live payout answers
    that one; a payout that something else speaks against is born `rejected`, with its code.
    """
    return PayoutView.of(await claim_payout(uow, caller, body.voucher_id))


@router.get("/payouts", dependencies=[READERS])
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


@router.get("/payouts/{payout_id}", dependencies=[READERS])
async def show_payout(payout_id: UUID, uow: Uow, caller: Caller) -> PayoutDetailView:
    """One payout with its open holds; foreign ones are not found."""
    payout = (await queries.payouts_in_scope(uow, caller, [payout_id])).get(payout_id)
    if payout is None:
        raise PayoutNotFound
    inside = caller.role not in (Role.WORKER, Role.INSTITUTION)
    decisions = await queries.decisions_of(uow, payout_id) if inside else []
    return PayoutDetailView(
        **PayoutView.of(payout).model_dump(),
        holds=[HoldView.model_validate(hold) for hold in await open_holds(uow, [payout_id])],
        decisions=[DecisionView.model_validate(one) for one in decisions],
    )


@router.post("/payouts/{payout_id}/holds", status_code=201, dependencies=[OFFICERS])
async def hold(payout_id: UUID, body: HoldRequest, uow: Uow, caller: Caller) -> PayoutView:
    """Stop a payout until the hold is lifted; an objection against the public notice stops exactly that payout."""
    return PayoutView.of(await hold_payout(uow, caller, payout_id, body.reason_code))


@router.post("/payouts/{payout_id}/holds/{hold_id}/lift", status_code=201, dependencies=[OFFICERS])
async def release(payout_id: UUID, hold_id: UUID, uow: Uow, caller: Caller) -> PayoutView:
    """Lift a hold. Those of a voucher, an institution or a certificate are lifted where they come from."""
    return PayoutView.of(await lift_hold(uow, caller, payout_id, hold_id))


async def _answer(
    decide: Decide, body: BulkRequest[PayoutRow], uow: UnitOfWork, caller: Principal
) -> BulkAnswer[PayoutView]:
    return body.answer(await decide(uow, caller, [row.payout_id for row in body.rows]), PayoutView.of)


@router.post("/payout-reviews", dependencies=[OFFICERS])
async def review(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """初审 by an officer of the area."""
    return await _answer(reviews.review_payouts, body, uow, caller)


@router.post("/payout-approvals", dependencies=[OFFICERS])
async def approve(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """复核 by an officer of the city; pins the payee's account."""
    return await _answer(reviews.approve_payouts, body, uow, caller)


@router.post("/payout-second-approvals", dependencies=[OFFICERS])
async def second_approve(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """再次复核 by another officer of the city, for amounts above the limit."""
    return await _answer(reviews.second_approve_payouts, body, uow, caller)


@router.post("/payout-publications", dependencies=[OFFICERS])
async def publish(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """公示: the public notice begins."""
    return await _answer(reviews.publish_payouts, body, uow, caller)


@router.post("/payout-corrections", dependencies=[OFFICERS])
async def correct(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """After the bank refused and the account was put right: back to `reviewed`."""
    return await _answer(reviews.correct_payouts, body, uow, caller)


@router.post("/payout-rejections", dependencies=[OFFICERS])
async def reject(body: BulkRequest[PayoutRejectionRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """Refuse payouts that are not with the bank; the vouchers are certified again."""
    reasons = [(row.payout_id, row.reason_code) for row in body.rows]
    return body.answer(await reviews.reject_payouts(uow, caller, reasons), PayoutView.of)
