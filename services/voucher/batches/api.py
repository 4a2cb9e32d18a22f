"""Voucher batches over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.voucher.batches import queries, service
from services.voucher.batches.domain import (
    BatchContradicts,
    BatchNotFound,
    BatchSelfApproval,
    BatchState,
    FundSourceUnknown,
    HoldersNotOfferable,
    ProgrammeUnknown,
)
from services.voucher.batches.schemas import BatchView, ProposeBatchRequest, RejectBatchRequest
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing
from shared.reference.areas import AreaUnknown
from shared.reference.skills import SkillLevelInvalid, SkillUnknown
from shared.security.principals import AreaOutsideScope

router = api_router(
    "/v1/batches",
    tag="batches",
    description="Voucher batches (发券批次): what is given out, to whom, from which money.",
)
READERS = Allow(Role.WORKER, Role.OFFICER, Role.AUDITOR)


PROPOSAL = Refuses(
    AreaOutsideScope,
    AreaUnknown,
    BatchContradicts,
    FundSourceUnknown,
    HoldersNotOfferable,
    ProgrammeUnknown,
    RuleMissing,
    SkillLevelInvalid,
    SkillUnknown,
)
DECISION = Refuses(BatchNotFound, BatchSelfApproval, WrongState)


@router.post("", dependencies=[Allow(Role.OFFICER), Creates("/v1/batches/{id}"), PROPOSAL])
async def propose_batch(body: ProposeBatchRequest, uow: Uow, caller: Caller) -> BatchView:
    """Propose a batch. Another officer decides."""
    service.check_areas(caller, body.areas)
    return BatchView.of(await service.propose_batch(uow, body.proposal(), caller.person))


@router.post("/{batch_id}/approvals", dependencies=[Allow(Role.OFFICER), DECISION, Refuses(HoldersNotOfferable)])
async def approve_batch(batch_id: UUID, uow: Uow, caller: Caller) -> BatchView:
    """Approve a batch that another officer proposed. Claims are open from now on; targeted vouchers are offered."""
    await service.see_batch(uow, caller, batch_id, whole=True)
    return BatchView.of(await service.approve_batch(uow, batch_id, caller.person))


@router.post("/{batch_id}/rejections", dependencies=[Allow(Role.OFFICER), DECISION])
async def reject_batch(batch_id: UUID, body: RejectBatchRequest, uow: Uow, caller: Caller) -> BatchView:
    """Refuse a batch that another officer proposed. That is its end."""
    await service.see_batch(uow, caller, batch_id, whole=True)
    return BatchView.of(await service.reject_batch(uow, batch_id, caller.person, body.reason))


@router.post("/{batch_id}/closings", dependencies=[Allow(Role.OFFICER), Refuses(BatchNotFound, WrongState)])
async def close_batch(batch_id: UUID, uow: Uow, caller: Caller) -> BatchView:
    """Close a batch. It takes no more claims; vouchers that were claimed stay what they are."""
    await service.see_batch(uow, caller, batch_id, whole=True)
    return BatchView.of(await service.close_batch(uow, batch_id))


@router.get("", dependencies=[READERS])
async def list_batches(
    uow: Uow, caller: Caller, page: PageQuery, status: Annotated[BatchState | None, Query()] = None
) -> Page[BatchView]:
    """List batches. Workers see those that were approved, officers and auditors those that touch their areas."""
    asked = service.visible_batches(caller, status)
    rows = await queries.list_batches(uow, asked, after=page.after_uuid, limit=page.fetch)
    return Page[BatchView].of(rows, page, BatchView.of)


@router.get("/{batch_id}", dependencies=[READERS, Refuses(BatchNotFound)])
async def get_batch(batch_id: UUID, uow: Uow, caller: Caller) -> BatchView:
    """Get one batch. Workers get those that were approved, officers and auditors those that touch their areas."""
    return BatchView.of(await service.see_batch(uow, caller, batch_id))
