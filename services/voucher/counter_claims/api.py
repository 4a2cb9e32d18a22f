"""Claims at a counter over HTTP."""

from typing import Annotated

from fastapi import Query

from services.voucher.counter_claims import queries, service
from services.voucher.counter_claims.schemas import CounterClaimBody, CounterClaimView, CounterEvidenceView
from services.voucher.counter_claims.service import Counter
from services.voucher.vouchers.domain import ClaimRequest
from services.voucher.vouchers.service import see_voucher
from services.voucher.workers.service import see_person
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router
from shared.reference.skills import check_skill_level

router = api_router("/v1/counter-claims", tag="counter claims")


@router.post("", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def claim(body: CounterClaimBody, uow: Uow, caller: Caller) -> CounterClaimView:
    """Claim for a worker who has no session of his own and stands at the counter (现场代办)."""
    await see_person(uow, caller, body.person_id)
    skill = check_skill_level(body.skill_code, body.level)
    request = ClaimRequest(body.person_id, body.batch_id, skill.code, body.level, caller.actor)
    counter = Counter(caller.person, body.second_officer_id, body.card_read_at, body.photo_digest, body.site)
    voucher_id = await service.claim_at_counter(uow, request, counter)
    return CounterClaimView.model_validate(await see_voucher(uow, caller, voucher_id))


@router.get("", dependencies=[Allow(Role.OFFICER, Role.AUDITOR)])
async def page(
    uow: Uow, caller: Caller, page: PageQuery, sampled: Annotated[bool | None, Query()] = None
) -> Page[CounterEvidenceView]:
    """Claims made at counters, with their evidence; `sampled=true` are those drawn to be looked at again."""
    areas = None if caller.covers_city else caller.areas
    rows = await queries.counter_page(uow, areas=areas, sampled=sampled, after=page.after_uuid, limit=page.fetch)
    return Page[CounterEvidenceView].of(rows, page, CounterEvidenceView.model_validate, key=lambda row: row.voucher_id)
