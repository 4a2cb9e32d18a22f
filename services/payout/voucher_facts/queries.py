"""Reading and locking what is known of vouchers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from services.payout.voucher_facts.domain import CertifiedVoucher, Death
from services.payout.voucher_facts.models import VoucherFact, VoucherHold
from shared.kernel.deaths import HOLDER_DECEASED
from shared.persistence import UnitOfWork
from shared.security import Principal, Role


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


async def is_claimable_by(uow: UnitOfWork, caller: Principal, voucher_id: UUID) -> bool:
    """Whether the voucher is bound to a class of the caller's institution or areas, as far as payout knows."""
    query = select(VoucherFact.voucher_id).where(VoucherFact.voucher_id == voucher_id)
    if caller.role is Role.INSTITUTION:
        query = query.where(VoucherFact.institution == caller.organisation)
    elif not caller.covers_city:
        query = query.where(VoucherFact.class_area.in_(caller.areas))
    return await uow.session.scalar(query) is not None


async def standing_holds(uow: UnitOfWork, voucher_ids: Collection[UUID]) -> list[StandingHold]:
    """Holds on these vouchers that nobody has lifted; the vouchers are locked."""
    query = select(VoucherHold).where(VoucherHold.voucher_id.in_(voucher_ids), VoucherHold.lifted.is_(False))
    rows = await uow.session.scalars(query.order_by(VoucherHold.hold_id))
    return [StandingHold(row.hold_id, row.voucher_id, row.reason_code) for row in rows]


async def deaths_of(uow: UnitOfWork, voucher_ids: Collection[UUID]) -> dict[UUID, list[Death]]:
    """By voucher, when the register of deaths named its holder (R10); those of whom it never did are left out."""
    query = select(VoucherHold).where(
        VoucherHold.voucher_id.in_(voucher_ids), VoucherHold.reason_code == HOLDER_DECEASED
    )
    deaths: dict[UUID, list[Death]] = {}
    for hold in await uow.session.scalars(query):
        deaths.setdefault(hold.voucher_id, []).append(Death(hold.held_at, hold.lifted_at))
    return deaths


async def dead_since(uow: UnitOfWork, records: Collection[UUID]) -> datetime | None:
    """Since when the register of deaths names the person of these records; None while it does not."""
    query = select(func.min(VoucherHold.held_at)).join(VoucherFact, VoucherFact.voucher_id == VoucherHold.voucher_id)
    return await uow.session.scalar(
        query.where(
            VoucherFact.person_id.in_(records),
            VoucherHold.reason_code == HOLDER_DECEASED,
            VoucherHold.lifted.is_(False),
        )
    )
