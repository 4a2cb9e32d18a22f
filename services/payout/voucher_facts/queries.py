"""Reading and locking what is known of vouchers."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.payout.voucher_facts.domain import CertifiedVoucher
from services.payout.voucher_facts.models import VoucherFact, VoucherHold
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class StandingHold:
    """A hold on a voucher that nobody has lifted."""

    hold_id: UUID
    voucher_id: UUID
    reason_code: str


async def certificates_named(uow: UnitOfWork, voucher_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The certificate that made each voucher payable, read before anything is locked."""
    query = select(VoucherFact.voucher_id, VoucherFact.certificate_id).where(
        VoucherFact.voucher_id.in_(voucher_ids), VoucherFact.certificate_id.is_not(None)
    )
    return {row.voucher_id: row.certificate_id for row in await uow.session.execute(query)}


async def lock_facts(uow: UnitOfWork, voucher_ids: Collection[UUID], *, against: str) -> dict[UUID, VoucherFact]:
    """What is known of these vouchers, locked in ascending order of their ids."""
    if not against:
        raise ValueError("a lock says which race it stops")
    query = select(VoucherFact).where(VoucherFact.voucher_id.in_(set(voucher_ids))).order_by(VoucherFact.voucher_id)
    rows = await uow.session.scalars(query.with_for_update(), execution_options={"populate_existing": True})
    return {row.voucher_id: row for row in rows}


async def lock_certified(
    uow: UnitOfWork, voucher_ids: Collection[UUID], *, against: str
) -> dict[UUID, CertifiedVoucher]:
    """The vouchers that a certificate made payable, locked; certificates were locked before."""
    rows = await lock_facts(uow, voucher_ids, against=against)
    found = {voucher_id: row.certified() for voucher_id, row in rows.items()}
    return {voucher_id: voucher for voucher_id, voucher in found.items() if voucher is not None}


async def is_of_institution(uow: UnitOfWork, voucher_id: UUID, institution: str) -> bool:
    """Whether the voucher is bound to a class of this institution, as far as payout knows."""
    query = select(VoucherFact.voucher_id).where(
        VoucherFact.voucher_id == voucher_id, VoucherFact.institution == institution
    )
    return await uow.session.scalar(query) is not None


async def standing_holds(uow: UnitOfWork, voucher_ids: Collection[UUID]) -> list[StandingHold]:
    """Holds on these vouchers that nobody has lifted; the vouchers are locked."""
    query = select(VoucherHold).where(VoucherHold.voucher_id.in_(voucher_ids), VoucherHold.lifted.is_(False))
    rows = await uow.session.scalars(query.order_by(VoucherHold.hold_id))
    return [StandingHold(row.hold_id, row.voucher_id, row.reason_code) for row in rows]
