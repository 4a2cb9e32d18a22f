"""Voucher batches over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.voucher.batches import queries, service
from services.voucher.batches.domain import BatchStatus, Proposal
from services.voucher.batches.schemas import BatchView, EligibilityView, ProposeBody, RejectBody
from services.voucher.batches.service import BatchTerms
from services.voucher.eligibility.queries import figures_on
from shared.contracts.fields import Level, SkillCode
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router
from shared.observability import request_context

router = api_router("/v1/batches", tag="batches")
READERS = Allow(Role.WORKER, Role.OFFICER, Role.AUDITOR)


@router.post("", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def propose(body: ProposeBody, uow: Uow, caller: Caller) -> BatchView:
    """Propose a batch; another officer decides."""
    service.check_areas(caller, body.areas)
    proposal = Proposal(
        kind=body.kind,
        quantity=body.quantity,
        skills=[(choice.skill_code, choice.level) for choice in body.skills],
        areas=body.areas,
        claim_from=body.claim_from,
        claim_until=body.claim_until,
        holders=body.holders,
    )
    validity_days = body.validity_days or (await figures_on(uow, uow.today))["validity_days"]
    terms = BatchTerms(
        programme=body.programme,
        title=body.title,
        fund_source=body.fund_source,
        rules_version=body.rules_version,
        audience_groups=sorted(set(body.audience_groups)),
        validity_days=validity_days,
    )
    return BatchView.of(await service.propose_batch(uow, proposal, terms, caller.person))


@router.post("/{batch_id}/approvals", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def approve(batch_id: UUID, uow: Uow, caller: Caller) -> BatchView:
    """Approve a batch that another officer proposed: claims are open, targeted vouchers are offered."""
    await service.see_batch(uow, caller, batch_id, whole=True)
    return BatchView.of(await service.approve_batch(uow, batch_id, caller.person))


@router.post("/{batch_id}/rejections", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def reject(batch_id: UUID, body: RejectBody, uow: Uow, caller: Caller) -> BatchView:
    """Refuse a batch that another officer proposed."""
    await service.see_batch(uow, caller, batch_id, whole=True)
    return BatchView.of(await service.reject_batch(uow, batch_id, caller.person, body.reason))


@router.post("/{batch_id}/closings", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def close(batch_id: UUID, uow: Uow, caller: Caller) -> BatchView:
    """Take no more claims."""
    await service.see_batch(uow, caller, batch_id, whole=True)
    return BatchView.of(await service.close_batch(uow, batch_id))


@router.get("", dependencies=[READERS])
async def page(
    uow: Uow, caller: Caller, page: PageQuery, status: Annotated[BatchStatus | None, Query()] = None
) -> Page[BatchView]:
    """Batches: a worker sees those that were approved, an officer those that touch his areas."""
    rows = await queries.batch_page(
        uow, service.visible_batches(caller, status), after=page.after_uuid, limit=page.fetch
    )
    return Page[BatchView].of(rows, page, BatchView.of)


@router.get("/{batch_id}", dependencies=[READERS])
async def show(batch_id: UUID, uow: Uow, caller: Caller) -> BatchView:
    """One batch."""
    return BatchView.of(await service.see_batch(uow, caller, batch_id))


@router.get("/{batch_id}/eligibility", dependencies=[Allow(Role.WORKER)])
async def eligibility(
    batch_id: UUID,
    uow: Uow,
    caller: Caller,
    skill_code: Annotated[SkillCode | None, Query()] = None,
    level: Annotated[Level | None, Query()] = None,
) -> EligibilityView:
    """Whether the caller may claim from the batch today, for one skill and level or for any of them."""
    batch = await service.see_batch(uow, caller, batch_id)
    judgement = await service.ask_eligibility(uow, batch.facts(), caller.person, skill_code, level)
    return EligibilityView.of(judgement, request_context().language)
