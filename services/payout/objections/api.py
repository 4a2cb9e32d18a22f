"""Objecting to what a public notice shows, and the two officers who decide (异议)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.notices.domain import NoticeNotFound
from services.payout.objections import queries, service
from services.payout.objections.domain import (
    ObjectionExists,
    ObjectionNotFound,
    ObjectionSamePerson,
    ObjectionState,
    ObjectorNotNamed,
)
from services.payout.objections.schemas import (
    FileObjectionRequest,
    ObjectionDetailView,
    ObjectionView,
    ProposeDecisionRequest,
)
from services.payout.payouts.domain import PayoutNotFound
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing
from shared.security import AreaOutsideScope, PersonNotRegistered

router = api_router("/v1", tag="objections", description="Objections to what is on public notice (异议, D19).")

READERS = Allow(Role.WORKER, Role.OFFICER, Role.AUDITOR)
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
    return ObjectionView.of(await service.file_objection(uow, caller, notice_id, body.filing()), uow.today)


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
    """List objections, oldest first. A worker sees their own; whose payout it is sees none."""
    wanted = queries.ObjectionFilter(status, payout_id, overdue)
    found = await queries.list_objections(uow, caller, wanted, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, lambda objection: ObjectionView.of(objection, uow.today))


@router.get("/objections/{objection_id}", dependencies=[READERS, Refuses(ObjectionNotFound)])
async def get_objection(objection_id: UUID, uow: Uow, caller: Caller) -> ObjectionDetailView:
    """Get one objection with its text. Who objected and who decides is shown inside the administration only."""
    objection, statement = await queries.see_objection(uow, caller, objection_id)
    hands = dict.fromkeys(("objector_id", "outcome", "proposed_by", "decided_by"))
    if caller.role is not Role.WORKER:
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
