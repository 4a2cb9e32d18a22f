"""A voucher's trail over HTTP."""

from uuid import UUID

from services.audit.trails.schemas import TrailView
from services.audit.trails.service import follow_voucher
from shared.http import Allow, Caller, Refuses, Role, Uow, api_router
from shared.kernel.errors import VoucherNotFound

router = api_router(
    "/v1/vouchers", tag="trails", description="Where a voucher's case stands in the five links of the loop, §二(二)7."
)
READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.AUDITOR)


@router.get("/{voucher_id}/trail", dependencies=[READERS, Refuses(VoucherNotFound)])
async def get_voucher_trail(voucher_id: UUID, uow: Uow, caller: Caller) -> TrailView:
    """Follow a voucher through the five links: where its case stands and where it broke. Each look is recorded."""
    return TrailView.of(await follow_voucher(uow, caller, voucher_id))
