"""The institution's claim (兑现)."""

from services.payout.claims import service
from services.payout.claims.schemas import PayoutClaim
from services.payout.payouts.schemas import PayoutView
from shared.http import Allow, Caller, Role, Uow, api_router

router = api_router("/v1/payouts", tag="payouts")


@router.post("", status_code=201, dependencies=[Allow(Role.INSTITUTION)])
async def claim_payout(body: PayoutClaim, uow: Uow, caller: Caller) -> PayoutView:
    """Claim what a certified voucher is worth (兑现).

    Without a verified certificate there is no payout: 409 `certificate_missing`. A voucher that has a live payout
    answers that one; a payout that something else speaks against is created `rejected`, with its code.
    """
    return PayoutView.of(await service.claim_payout(uow, caller, body.voucher_id))
