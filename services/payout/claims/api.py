"""The institution's claim (兑现), or an officer's for who is paid and cannot ask."""

from services.payout.certificate_facts.domain import CertificateMissing
from services.payout.claims import service
from services.payout.claims.domain import VoucherLapsed
from services.payout.claims.schemas import ClaimPayoutRequest
from services.payout.payouts.schemas import PayoutView
from shared.http import Allow, Caller, Creates, Refuses, Role, Uow, api_router
from shared.kernel.errors import VoucherNotFound
from shared.persistence import RuleMissing

router = api_router("/v1/payouts", tag="claims", description="Claiming what a certified voucher is worth (兑现).")


@router.post(
    "",
    dependencies=[
        Allow(Role.INSTITUTION, Role.OFFICER),
        Creates("/v1/payouts/{id}"),
        Refuses(VoucherNotFound, CertificateMissing, VoucherLapsed, RuleMissing),
    ],
)
async def claim_payout(body: ClaimPayoutRequest, uow: Uow, caller: Caller) -> PayoutView:
    """Claim what a certified voucher is worth. An officer of the area does so where no institution will.

    Without a verified certificate there is no payout: 409 `certificate_missing`. A voucher that has a live payout
    answers that one; a payout that something else speaks against is created `rejected`, with its code. For a voucher
    that lapsed there is none.
    """
    return PayoutView.of(await service.claim_payout(uow, caller, body.voucher_id))
