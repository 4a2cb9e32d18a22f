"""Presenting a voucher over HTTP."""

from uuid import UUID

from services.voucher.bindings import service
from services.voucher.bindings.domain import PresentedTooLate, VoucherNotPresentable
from services.voucher.bindings.schemas import PresenceCodeView, PresentVoucherRequest
from shared.http import Allow, Caller, Refuses, Role, Uow, api_router, idempotent_by_nature
from shared.kernel.credit_code import CreditCodeInvalid
from shared.kernel.errors import VoucherNotFound
from shared.kernel.lifecycle import Held
from shared.security import sign_presence_code

router = api_router(
    "/v1/vouchers",
    tag="bindings",
    description="Presenting a voucher (出示) at an institution, which binds it to a class.",
)
PRESENTING = Refuses(CreditCodeInvalid, Held, VoucherNotPresentable, PresentedTooLate, VoucherNotFound)


@router.post("/{voucher_id}/presence-codes", dependencies=[Allow(Role.WORKER), idempotent_by_nature, PRESENTING])
async def present_voucher(voucher_id: UUID, body: PresentVoucherRequest, uow: Uow, caller: Caller) -> PresenceCodeView:
    """Get a one-time code that proves the holder's presence at an institution. Training takes it once.

    With it the holder says whether an organisation is paid in their place (委托代领, D5).
    """
    code = await service.present_voucher(uow, caller, voucher_id, body.institution, mandated=body.mandated)
    text = sign_presence_code(code, uow.keys.presence_signing)
    mandate_id = code.mandate.id if code.mandate else None
    return PresenceCodeView(code=text, expires_at=code.expires_at, mandate_id=mandate_id)
