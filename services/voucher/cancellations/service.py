"""Cancel vouchers: one officer proposes with a reason, another approves."""

from uuid import UUID

from services.voucher.cancellations import domain
from services.voucher.vouchers import queries
from services.voucher.vouchers.domain import VoucherAction
from services.voucher.workers.queries import natural_persons
from shared.kernel.errors import VoucherNotFound
from shared.persistence import UnitOfWork


async def propose_cancellation(uow: UnitOfWork, voucher_id: UUID, reason_code: str, officer_id: UUID) -> None:
    """Ask that a voucher be cancelled; nothing changes for its holder until a second officer agrees."""
    vouchers = await queries.lock_vouchers(uow, [voucher_id], against="two proposals at once")
    if voucher_id not in vouchers:
        raise VoucherNotFound
    voucher = vouchers[voucher_id]
    domain.check_proposal(voucher.cancel_proposed_by)
    voucher.cancel_proposed_by, voucher.cancel_reason_code = officer_id, reason_code
    uow.move(voucher, VoucherAction.PROPOSE_CANCEL, reason_code=reason_code)


async def approve_cancellation(uow: UnitOfWork, voucher_id: UUID, officer_id: UUID) -> None:
    """Cancel a voucher that another officer proposed to cancel, if it is not certified meanwhile (DOMAIN §3)."""
    vouchers = await queries.lock_vouchers(uow, [voucher_id], against="a certificate arriving meanwhile")
    if voucher_id not in vouchers:
        raise VoucherNotFound
    voucher = vouchers[voucher_id]
    proposed_by = voucher.cancel_proposed_by
    natural = await natural_persons(uow, {officer_id} if proposed_by is None else {proposed_by, officer_id})
    domain.check_approval(natural[proposed_by] if proposed_by else None, natural[officer_id])
    voucher.cancelled_by = officer_id
    uow.move(voucher, VoucherAction.CANCEL, reason_code=voucher.cancel_reason_code)
