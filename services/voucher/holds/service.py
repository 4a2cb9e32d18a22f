"""Place and lift holds. Both are edges to the same state, so that payout hears of them (DESIGN: a hold is no state)."""

from uuid import UUID

from services.voucher.holds import queries
from services.voucher.holds.models import VoucherHold
from services.voucher.vouchers.domain import VoucherAction
from services.voucher.vouchers.queries import lock_vouchers
from shared.kernel.errors import HoldNotFound, VoucherNotFound
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork


async def place_hold(uow: UnitOfWork, voucher_id: UUID, reason_code: str, officer_id: UUID) -> VoucherHold:
    """Hold a live voucher: no claim, no bind, and no payout step up to `sent` until the hold is lifted (§二(二)7)."""
    vouchers = await lock_vouchers(uow, [voucher_id], against="a decision that does not see the hold")
    if voucher_id not in vouchers:
        raise VoucherNotFound
    voucher = vouchers[voucher_id]
    hold = VoucherHold(
        id=uuid7(), voucher_id=voucher_id, reason_code=reason_code, placed_by=officer_id, placed_at=uow.now
    )
    uow.session.add(hold)
    voucher.open_holds += 1
    uow.move(voucher, VoucherAction.HOLD, hold_id=hold.id, reason_code=reason_code)
    return hold


async def lift_hold(uow: UnitOfWork, voucher_id: UUID, hold_id: UUID, officer_id: UUID) -> VoucherHold:
    """Lift one hold; the voucher is free when its last one is lifted. `HoldNotFound` if it is not open."""
    vouchers = await lock_vouchers(uow, [voucher_id], against="the hold being lifted twice")
    hold = await queries.open_hold(uow, voucher_id, hold_id)
    if hold is None:
        raise HoldNotFound
    voucher = vouchers[voucher_id]
    hold.lifted_by, hold.lifted_at = officer_id, uow.now
    voucher.open_holds -= 1
    uow.move(voucher, VoucherAction.LIFT_HOLD, hold_id=hold.id, reason_code=hold.reason_code)
    return hold
