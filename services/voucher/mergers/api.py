"""Mergers over HTTP: two officers merge two records of one person, and two may undo it (R16)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.voucher.mergers import queries, service
from services.voucher.mergers.domain import (
    MergerNotFound,
    MergerNotYours,
    MergerPending,
    MergerSelfApproval,
    MergerState,
    MergerUsed,
)
from services.voucher.mergers.schemas import MergerView, ProposeMergerRequest, ProposeSeparationRequest
from services.voucher.workers.domain import OwnRecord, PersonNotFound, SurvivorIsItself, SurvivorSuperseded
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState

router = api_router(
    "/v1/mergers",
    tag="mergers",
    description="Merging two records of one person (并档), and undoing it: two officers each, R16.",
)
OFFICER = Allow(Role.OFFICER)
PROPOSAL = Refuses(PersonNotFound, OwnRecord, SurvivorIsItself, SurvivorSuperseded, MergerPending, WrongState)
DECISION = Refuses(MergerNotFound, PersonNotFound, OwnRecord, MergerSelfApproval, WrongState)
WITHDRAWAL = Refuses(MergerNotFound, PersonNotFound, OwnRecord, MergerNotYours, WrongState)


@router.post("", dependencies=[OFFICER, Creates("/v1/mergers/{id}"), PROPOSAL])
async def propose_merger(body: ProposeMergerRequest, uow: Uow, caller: Caller) -> MergerView:
    """Propose to merge two records of one person, with the evidence. Nothing changes until another officer agrees."""
    merger = await service.propose_merger(
        uow, caller, body.person_id, body.survivor_id, body.reason_code, body.evidence
    )
    return MergerView.model_validate(merger)


@router.get("", dependencies=[OFFICER])
async def list_mergers(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    status: Annotated[MergerState | None, Query()] = None,
    person_id: Annotated[UUID | None, Query()] = None,
) -> Page[MergerView]:
    """List mergers of the officer's areas, with those that were undone. `person_id` asks for one record's."""
    rows = await queries.list_mergers(
        uow, caller, status=status, person_id=person_id, after=page.after_uuid, limit=page.fetch
    )
    return Page[MergerView].of(rows, page, MergerView.model_validate)


@router.get("/{merger_id}", dependencies=[OFFICER, Refuses(MergerNotFound)])
async def get_merger(merger_id: UUID, uow: Uow, caller: Caller) -> MergerView:
    """Get one merger. Who does not cover the areas of both records finds none."""
    return MergerView.model_validate(await queries.see_merger(uow, caller, merger_id))


@router.post("/{merger_id}/approvals", dependencies=[OFFICER, DECISION, Refuses(SurvivorSuperseded)])
async def approve_merger(merger_id: UUID, uow: Uow, caller: Caller) -> MergerView:
    """Merge the records, as another officer. From now on the survivor acts for both, and what either took counts."""
    return MergerView.model_validate(await service.approve_merger(uow, caller, merger_id))


@router.post("/{merger_id}/refusals", dependencies=[OFFICER, DECISION])
async def refuse_merger(merger_id: UUID, uow: Uow, caller: Caller) -> MergerView:
    """Refuse a proposed merger, as another officer. Both records stand as they did."""
    return MergerView.model_validate(await service.refuse_merger(uow, caller, merger_id))


@router.post("/{merger_id}/withdrawals", dependencies=[OFFICER, WITHDRAWAL])
async def withdraw_merger(merger_id: UUID, uow: Uow, caller: Caller) -> MergerView:
    """Take back one's own proposal to merge."""
    return MergerView.model_validate(await service.withdraw_merger(uow, caller, merger_id))


@router.post("/{merger_id}/separations", dependencies=[OFFICER, DECISION, Refuses(MergerUsed)])
async def propose_separation(merger_id: UUID, body: ProposeSeparationRequest, uow: Uow, caller: Caller) -> MergerView:
    """Propose to undo a merger. It stands until another officer agrees, and for good once money has moved since."""
    return MergerView.model_validate(
        await service.propose_separation(uow, caller, merger_id, body.reason_code, body.evidence)
    )


@router.post("/{merger_id}/separation-approvals", dependencies=[OFFICER, DECISION, Refuses(MergerUsed)])
async def approve_separation(merger_id: UUID, uow: Uow, caller: Caller) -> MergerView:
    """Undo a merger, as another officer. Each record stands again, with the vouchers that are under it."""
    return MergerView.model_validate(await service.separate_records(uow, caller, merger_id))


@router.post("/{merger_id}/separation-refusals", dependencies=[OFFICER, DECISION])
async def refuse_separation(merger_id: UUID, uow: Uow, caller: Caller) -> MergerView:
    """Refuse to undo a merger, as another officer. It stands."""
    return MergerView.model_validate(await service.refuse_separation(uow, caller, merger_id))


@router.post("/{merger_id}/separation-withdrawals", dependencies=[OFFICER, WITHDRAWAL])
async def withdraw_separation(merger_id: UUID, uow: Uow, caller: Caller) -> MergerView:
    """Take back one's own proposal to undo a merger."""
    return MergerView.model_validate(await service.withdraw_separation(uow, caller, merger_id))
