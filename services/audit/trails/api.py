"""A voucher's trail over HTTP."""

from uuid import UUID

from services.audit.trails.schemas import TrailView
from services.audit.trails.service import follow_voucher
from shared.http import Allow, Caller, Role, Uow, api_router

router = api_router("/v1/vouchers", tag="trails")


@router.get("/{voucher_id}/trail", dependencies=[Allow(Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.AUDITOR)])
async def follow(voucher_id: UUID, uow: Uow, caller: Caller) -> TrailView:
    """The five links of a voucher's case: where it stands and where it broke (§二(二)7). Each look is recorded."""
    return TrailView.of(await follow_voucher(uow, caller, voucher_id))
