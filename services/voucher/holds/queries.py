"""Reading holds."""

from uuid import UUID

from sqlalchemy import select

from services.voucher.holds.models import VoucherHold
from shared.persistence import UnitOfWork


async def open_hold(uow: UnitOfWork, voucher_id: UUID, hold_id: UUID) -> VoucherHold | None:
    """A hold that nobody has lifted yet, if the voucher has it; the voucher is locked."""
    statement = select(VoucherHold).where(
        VoucherHold.id == hold_id, VoucherHold.voucher_id == voucher_id, VoucherHold.lifted_at.is_(None)
    )
    return (await uow.session.scalars(statement)).one_or_none()


async def holds_of(uow: UnitOfWork, voucher_id: UUID) -> list[VoucherHold]:
    """All holds of a voucher, ascending."""
    statement = select(VoucherHold).where(VoucherHold.voucher_id == voucher_id).order_by(VoucherHold.id)
    return list(await uow.session.scalars(statement))
