"""Claims over HTTP: may I, I do, and for somebody who stands at the counter."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.voucher.batches.domain import (
    BatchNotActive,
    BatchNotFound,
    ClaimWindowClosed,
    QuotaExhausted,
    SkillNotInBatch,
)
from services.voucher.batches.service import see_batch
from services.voucher.claims import queries, service
from services.voucher.claims.domain import (
    CardReadTooOld,
    ClaimRequest,
    Counter,
    CounterOfficersAlike,
    CounterOwnClaim,
    VoucherNotOffered,
)
from services.voucher.claims.schemas import (
    ClaimAtCounterRequest,
    ClaimVoucherRequest,
    CounterClaimView,
    EligibilityView,
)
from services.voucher.eligibility.domain import EligibilityUndecided, NotEligible
from services.voucher.vouchers.domain import VoucherAlreadyLive
from services.voucher.vouchers.schemas import VoucherView
from services.voucher.workers.domain import PersonNotFound
from services.voucher.workers.service import see_person
from shared.contracts.fields import Level, SkillCode
from shared.http import (
    Allow,
    AppDatabase,
    BatchedCommand,
    Caller,
    Creates,
    Page,
    PageQuery,
    Refuses,
    RequestKey,
    Role,
    Uow,
    api_router,
    batched,
)
from shared.kernel.lifecycle import Held
from shared.observability import request_context
from shared.persistence import RuleMissing
from shared.reference.skills import SkillLevelInvalid, SkillUnknown, check_skill_level

router = api_router(
    "/v1",
    tag="claims",
    description="Claims (领券): through one's own account, or at a counter (现场代办), §二(二)7 and §二(三)11.",
)
CLAIMS = BatchedCommand(service.claim_vouchers, VoucherView.of)


CREATED = Creates("/v1/vouchers/{id}")
ASKING = Refuses(BatchNotFound, PersonNotFound, SkillNotInBatch, RuleMissing)
CLAIMING = Refuses(
    BatchNotActive,
    BatchNotFound,
    ClaimWindowClosed,
    EligibilityUndecided,
    Held,
    NotEligible,
    VoucherNotOffered,
    PersonNotFound,
    QuotaExhausted,
    RuleMissing,
    SkillLevelInvalid,
    SkillNotInBatch,
    SkillUnknown,
    VoucherAlreadyLive,
)
COUNTER = Refuses(CardReadTooOld, CounterOfficersAlike, CounterOwnClaim)


@router.get("/batches/{batch_id}/eligibility", dependencies=[Allow(Role.WORKER), ASKING])
async def get_eligibility(
    batch_id: UUID,
    uow: Uow,
    caller: Caller,
    skill_code: Annotated[SkillCode | None, Query()] = None,
    level: Annotated[Level | None, Query()] = None,
) -> EligibilityView:
    """Ask whether the caller may claim from a batch today. Where no skill or level is named, the best one answers."""
    batch = await see_batch(uow, caller, batch_id)
    judgement = await service.ask_eligibility(uow, batch.facts(), caller.person, skill_code, level)
    return EligibilityView.of(judgement, request_context().language)


@router.post("/vouchers", response_model=VoucherView, dependencies=[Allow(Role.WORKER), batched, CREATED, CLAIMING])
async def claim_voucher(body: ClaimVoucherRequest, caller: Caller, key: RequestKey, database: AppDatabase) -> Response:
    """Claim a voucher for oneself (§二(二)7 个人领取使用). One live voucher of a programme at a time."""
    skill = check_skill_level(body.skill_code, body.level)
    request = ClaimRequest(caller.person, body.batch_id, skill.code, body.level, caller.actor)
    return await CLAIMS.answer(database, key, request)


@router.post("/counter-claims", dependencies=[Allow(Role.OFFICER), CREATED, CLAIMING, COUNTER])
async def claim_at_counter(body: ClaimAtCounterRequest, uow: Uow, caller: Caller) -> VoucherView:
    """Claim for a worker who stands at the counter (现场代办). Two officers serve; a share is looked at again."""
    await see_person(uow, caller, body.person_id)
    skill = check_skill_level(body.skill_code, body.level)
    request = ClaimRequest(body.person_id, body.batch_id, skill.code, body.level, caller.actor)
    counter = Counter(caller.person, body.second_officer_id, body.card_read_at, body.photo_digest, body.site)
    return VoucherView.of(await service.claim_at_counter(uow, request, counter))


@router.get("/counter-claims", dependencies=[Allow(Role.OFFICER, Role.AUDITOR)])
async def list_counter_claims(
    uow: Uow, caller: Caller, page: PageQuery, sampled: Annotated[bool | None, Query()] = None
) -> Page[CounterClaimView]:
    """List claims made at counters, with their evidence. `sampled=true` lists those drawn to be looked at again."""
    areas = None if caller.covers_city else caller.areas
    rows = await queries.list_counter_claims(uow, areas=areas, sampled=sampled, after=page.after_uuid, limit=page.fetch)
    return Page[CounterClaimView].of(rows, page, CounterClaimView.model_validate, key=lambda row: row.voucher_id)
