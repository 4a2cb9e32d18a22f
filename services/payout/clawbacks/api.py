"""Cases of clawback: what officers propose and decide, the debtor's statement, and whose debt incoming money pays."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.clawbacks import queries, service
from services.payout.clawbacks.domain import (
    CityOfficerForWriteOff,
    ClawbackExists,
    ClawbackNotFound,
    ClawbackSamePerson,
    ClawbackState,
    MeasureInvalid,
    MeasureMissing,
    MeasurePending,
    OffsetPending,
    PayoutNotPaid,
    instalments,
)
from services.payout.clawbacks.schemas import (
    ClawbackStatementView,
    ClawbackView,
    InstalmentView,
    MatchIncomingPaymentRequest,
    MovementView,
    ProposeClawbackRequest,
    ProposeMeasureRequest,
)
from services.payout.incoming_payments.domain import IncomingPaymentNotFound, IncomingPaymentUsed
from services.payout.payouts.domain import PayoutNotFound
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing

router = api_router(
    "/v1",
    tag="clawbacks",
    description="追回: money that was paid and is owed back, and every way in which it comes back (R4).",
)

OFFICERS = Allow(Role.OFFICER)
DECIDERS = Allow(Role.OFFICER, Role.FINANCE)
READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)
FOUND = Refuses(ClawbackNotFound, WrongState)


@router.post(
    "/clawbacks",
    dependencies=[
        OFFICERS,
        Creates("/v1/clawbacks/{id}"),
        Refuses(PayoutNotFound, PayoutNotPaid, ClawbackExists, ClawbackSamePerson),
    ],
)
async def propose_clawback(body: ProposeClawbackRequest, uow: Uow, caller: Caller) -> ClawbackView:
    """Propose that a paid payout rests on fraud. Another officer decides; until then nothing is owed."""
    case = await service.propose_clawback(uow, caller, body.payout_id, body.reason_code)
    return ClawbackView.model_validate(case)


@router.post(
    "/clawbacks/{clawback_id}/measures",
    dependencies=[DECIDERS, FOUND, Refuses(MeasurePending, MeasureInvalid, ClawbackSamePerson)],
)
async def propose_measure(clawback_id: UUID, body: ProposeMeasureRequest, uow: Uow, caller: Caller) -> ClawbackView:
    """Propose instalments, hand-over to enforcement, or a write-off. Another officer decides."""
    case = await service.propose_measure(uow, caller, clawback_id, body.measure, body.parts, body.first_due_on)
    return ClawbackView.model_validate(case)


@router.post(
    "/clawbacks/{clawback_id}/approvals",
    dependencies=[
        DECIDERS,
        FOUND,
        Refuses(MeasureMissing, ClawbackSamePerson, CityOfficerForWriteOff, OffsetPending, PayoutNotPaid, RuleMissing),
    ],
)
async def approve_measure(clawback_id: UUID, uow: Uow, caller: Caller) -> ClawbackView:
    """Approve what another officer proposed. A write-off above the limit takes a third, of the city (D29)."""
    return ClawbackView.model_validate(await service.approve_measure(uow, caller, clawback_id))


@router.post("/clawbacks/{clawback_id}/rejections", dependencies=[DECIDERS, FOUND, Refuses(MeasureMissing)])
async def reject_measure(clawback_id: UUID, uow: Uow, caller: Caller) -> ClawbackView:
    """Give up what is proposed. A case that was never opened ends; an open debt stands as it is."""
    return ClawbackView.model_validate(await service.reject_measure(uow, caller, clawback_id))


@router.get("/clawbacks", dependencies=[READERS])
async def list_clawbacks(
    uow: Uow, caller: Caller, page: PageQuery, status: Annotated[ClawbackState | None, Query()] = None
) -> Page[ClawbackView]:
    """List cases in the caller's scope: a debtor's own, or those of the areas of the administration."""
    found = await queries.list_clawbacks(uow, caller, status, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, ClawbackView.model_validate)


@router.get("/clawbacks/{clawback_id}", dependencies=[READERS, Refuses(ClawbackNotFound)])
async def get_clawback(clawback_id: UUID, uow: Uow, caller: Caller) -> ClawbackStatementView:
    """Get the statement of a debt: its movements, the agreed plan, and what is still owed."""
    case = await queries.see_clawback(uow, caller, clawback_id)
    plan = []
    if case.plan_parts is not None and case.plan_due_on is not None and case.plan_fen is not None:
        plan = instalments(case.plan_fen, case.plan_parts, case.plan_due_on)
    return ClawbackStatementView(
        **ClawbackView.model_validate(case).model_dump(),
        pending_offset_fen=(await queries.pending_fen(uow, [case.id]))[case.id],
        movements=[MovementView.model_validate(line) for line in await queries.movements_of(uow, case.id)],
        instalments=[InstalmentView.model_validate(part) for part in plan],
    )


@router.post(
    "/incoming-payments/{incoming_payment_id}/matches",
    dependencies=[
        Allow(Role.FINANCE),
        FOUND,
        Refuses(IncomingPaymentNotFound, IncomingPaymentUsed, ClawbackSamePerson, OffsetPending),
    ],
)
async def match_incoming_payment(
    incoming_payment_id: UUID, body: MatchIncomingPaymentRequest, uow: Uow, caller: Caller
) -> ClawbackView:
    """Count an incoming payment for a debt, as far as either goes. Another officer than who recorded it does this."""
    case = await service.match_incoming(uow, caller, incoming_payment_id, body.clawback_id)
    return ClawbackView.model_validate(case)
