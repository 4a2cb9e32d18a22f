"""Objecting to what a public notice shows, and to a final rejection, and the officers who decide (异议)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.certificate_facts.domain import CertificateMissing
from services.payout.claims.domain import PayoutNotReopenable
from services.payout.notices.domain import NoticeNotFound
from services.payout.objections import queries, service
from services.payout.objections.domain import (
    ObjectedOnce,
    ObjectionExists,
    ObjectionNotFound,
    ObjectionSamePerson,
    ObjectionState,
    ObjectionTooLate,
    ObjectorNotNamed,
    ObjectorNotParty,
    RejectionNotFinal,
)
from services.payout.objections.schemas import (
    FileObjectionRequest,
    LodgeObjectionRequest,
    ObjectionDetailView,
    ObjectionView,
    ProposeDecisionRequest,
    RuleOnObjectionRequest,
)
from services.payout.payouts.domain import PayoutAlreadyLive, PayoutNotFound
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing
from shared.security import AreaOutsideScope, PersonNotRegistered

router = api_router("/v1", tag="objections", description="Objections to a public notice or a final rejection (异议).")

READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.AUDITOR)
OFFICERS = Allow(Role.OFFICER)
DECISION = Refuses(ObjectionNotFound, ObjectionSamePerson, WrongState)


@router.post(
    "/notices/{notice_id}/objections",
    dependencies=[
        Allow(Role.WORKER, Role.OFFICER),
        Creates("/v1/objections/{id}"),
        Refuses(
            NoticeNotFound,
            PayoutNotFound,
            ObjectionExists,
            ObjectorNotNamed,
            PersonNotRegistered,
            AreaOutsideScope,
            RuleMissing,
        ),
    ],
)
async def file_objection(notice_id: UUID, body: FileObjectionRequest, uow: Uow, caller: Caller) -> ObjectionView:
    """Object to a payout on public notice, by real name. Exactly that payout is frozen until two officers decide."""
    return ObjectionView.of(
        await service.file_objection(uow, caller, notice_id, body.filing(body.payout_id)), uow.today
    )


@router.post(
    "/payouts/{payout_id}/objections",
    dependencies=[
        Allow(Role.WORKER, Role.INSTITUTION, Role.OFFICER),
        Creates("/v1/objections/{id}"),
        Refuses(
            PayoutNotFound,
            RejectionNotFinal,
            ObjectedOnce,
            ObjectionTooLate,
            ObjectorNotParty,
            ObjectorNotNamed,
            PersonNotRegistered,
            RuleMissing,
        ),
    ],
)
async def lodge_objection(payout_id: UUID, body: LodgeObjectionRequest, uow: Uow, caller: Caller) -> ObjectionView:
    """Object to a final rejection, as the holder of the voucher or as the payee. It is done once, in D27's days."""
    return ObjectionView.of(await service.lodge_objection(uow, caller, body.filing(payout_id)), uow.today)


@router.get("/objections", dependencies=[READERS])
async def list_objections(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    status: Annotated[ObjectionState | None, Query()] = None,
    payout_id: Annotated[UUID | None, Query()] = None,
    overdue: Annotated[
        bool | None, Query(description="Those that should have been decided by now, or the others.")
    ] = None,
) -> Page[ObjectionView]:
    """List objections, oldest first. A worker sees their own, and both parties the one to a rejection of theirs.

    Whose payout stands on a notice sees none of those to the notice.
    """
    wanted = queries.ObjectionFilter(status, payout_id, overdue)
    found = await queries.list_objections(uow, caller, wanted, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, lambda objection: ObjectionView.of(objection, uow.today))


@router.get("/objections/{objection_id}", dependencies=[READERS, Refuses(ObjectionNotFound)])
async def get_objection(objection_id: UUID, uow: Uow, caller: Caller) -> ObjectionDetailView:
    """Get one objection with its text. Who objected and who decides is shown inside the administration only."""
    objection, statement = await queries.see_objection(uow, caller, objection_id)
    hands = dict.fromkeys(("objector_id", "organisation", "outcome", "proposed_by", "decided_by"))
    if caller.role not in (Role.WORKER, Role.INSTITUTION):
        hands = {name: getattr(objection, name) for name in hands}
    return ObjectionDetailView(**ObjectionView.of(objection, uow.today).model_dump(), statement=statement, **hands)


@router.post("/objections/{objection_id}/proposals", dependencies=[OFFICERS, DECISION])
async def propose_objection_decision(
    objection_id: UUID, body: ProposeDecisionRequest, uow: Uow, caller: Caller
) -> ObjectionView:
    """Propose how an objection is decided, with a reason. Another officer decides."""
    decided = await service.propose_decision(uow, caller, objection_id, body.outcome, body.reason_code)
    return ObjectionView.of(decided, uow.today)


@router.post("/objections/{objection_id}/decisions", dependencies=[OFFICERS, DECISION])
async def decide_objection(objection_id: UUID, uow: Uow, caller: Caller) -> ObjectionView:
    """Decide an objection as another officer proposed. Dismissed, the payout goes on; upheld, it stays frozen."""
    return ObjectionView.of(await service.decide_objection(uow, caller, objection_id), uow.today)


@router.post("/objections/{objection_id}/returns", dependencies=[OFFICERS, DECISION])
async def return_objection(objection_id: UUID, uow: Uow, caller: Caller) -> ObjectionView:
    """Give a proposal back that another officer made. The objection waits for another one."""
    return ObjectionView.of(await service.send_back(uow, caller, objection_id), uow.today)


@router.post(
    "/objections/{objection_id}/rulings",
    dependencies=[OFFICERS, DECISION, Refuses(PayoutAlreadyLive, PayoutNotReopenable, CertificateMissing, RuleMissing)],
)
async def rule_on_objection(
    objection_id: UUID, body: RuleOnObjectionRequest, uow: Uow, caller: Caller
) -> ObjectionView:
    """Decide an objection to a final rejection, as an officer who neither held nor rejected the payout.

    Upheld, another payout opens in its place and is reviewed like any other. Dismissed, the rejection stays. Both are
    the end: there is no second objection.
    """
    ruled = await service.rule_on_objection(uow, caller, objection_id, body.outcome, body.reason_code)
    return ObjectionView.of(ruled, uow.today)
