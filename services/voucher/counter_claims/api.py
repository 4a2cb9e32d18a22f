"""Claims at a counter over HTTP."""

from services.voucher.counter_claims import service
from services.voucher.counter_claims.schemas import CounterClaimBody, CounterClaimView
from services.voucher.counter_claims.service import Counter
from services.voucher.vouchers.domain import ClaimRequest
from services.voucher.vouchers.service import see_voucher
from services.voucher.workers.service import see_person
from shared.http import Allow, Caller, Role, Uow, api_router
from shared.reference.skills import check_skill_level

router = api_router("/v1/counter-claims", tag="counter claims")


@router.post("", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def claim(body: CounterClaimBody, uow: Uow, caller: Caller) -> CounterClaimView:
    """Claim for a worker who has no session of his own and stands at the counter (现场代办)."""
    await see_person(uow, caller, body.person_id)
    skill = check_skill_level(body.skill_code, body.level)
    request = ClaimRequest(body.person_id, body.batch_id, skill.code, body.level)
    counter = Counter(caller.person, body.second_officer_id, body.card_read_at, body.photo_digest, body.site)
    voucher_id = await service.claim_at_counter(uow, request, counter)
    return CounterClaimView.model_validate(await see_voucher(uow, caller, voucher_id))
