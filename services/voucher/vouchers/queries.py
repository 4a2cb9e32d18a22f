"""Reading and locking vouchers. Locks are taken in one order: people, batches, vouchers; ids ascending."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from services.voucher.eligibility.domain import Training
from services.voucher.payout_facts.queries import debts_settled
from services.voucher.vouchers.domain import LIVE, TRAINED, VoucherStatus
from services.voucher.vouchers.models import Voucher
from services.voucher.workers.queries import Owners, lock_people, owners_of
from shared.kernel.clock import business_date
from shared.kernel.errors import VoucherNotFound
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class LiveVoucher:
    """The one live voucher of a person and programme."""

    voucher_id: UUID
    person_id: UUID
    """Whose it is: the person asked for, or another record of his."""
    batch_id: UUID
    status: VoucherStatus
    open_holds: int

    def is_offer_to(self, person_id: UUID, batch_id: UUID) -> bool:
        """Whether this very person may take it up as the batch's offer."""
        return (self.person_id, self.batch_id, self.status) == (person_id, batch_id, VoucherStatus.OFFERED)


@dataclass(frozen=True, slots=True)
class VoucherFilter:
    """Which vouchers to list; None asks nothing. `areas` are those of the voucher or of its class."""

    person_id: UUID | None = None
    areas: frozenset[str] | None = None
    institution: str | None = None
    batch_id: UUID | None = None
    status: VoucherStatus | None = None


async def voucher_by_id(uow: UnitOfWork, voucher_id: UUID) -> Voucher:
    """One voucher; `VoucherNotFound` if there is none."""
    found = await uow.session.get(Voucher, voucher_id)
    if found is None:
        raise VoucherNotFound
    return found


async def voucher_page(uow: UnitOfWork, asked: VoucherFilter, *, after: UUID | None, limit: int) -> list[Voucher]:
    """Vouchers that fit, ascending by id."""
    statement = select(Voucher).order_by(Voucher.id).limit(limit)
    if asked.person_id is not None:
        statement = statement.where(Voucher.person_id == asked.person_id)
    if asked.areas is not None:
        statement = statement.where(Voucher.area.in_(asked.areas) | Voucher.class_area.in_(asked.areas))
    if asked.institution is not None:
        statement = statement.where(Voucher.institution == asked.institution)
    if asked.batch_id is not None:
        statement = statement.where(Voucher.batch_id == asked.batch_id)
    if asked.status is not None:
        statement = statement.where(Voucher.status == asked.status)
    if after is not None:
        statement = statement.where(Voucher.id > after)
    return list(await uow.session.scalars(statement))


async def lock_vouchers(uow: UnitOfWork, voucher_ids: Iterable[UUID], *, against: str) -> dict[UUID, Voucher]:
    """Lock vouchers, ascending."""
    return await uow.lock_rows(Voucher, voucher_ids, against=against)


async def lock_with_holders(uow: UnitOfWork, voucher_ids: Iterable[UUID], *, against: str) -> dict[UUID, Voucher]:
    """Lock vouchers after their holders, so that no claim of a holder runs meanwhile; a holder never changes.

    An id that no voucher has is a mistake of whoever sent it: `VoucherNotFound` parks the event.
    """
    wanted = set(voucher_ids)
    holders = await uow.session.scalars(select(Voucher.person_id).where(Voucher.id.in_(wanted)).distinct())
    await lock_people(uow, holders, against="a claim of the holder while an old voucher comes back to life")
    vouchers = await lock_vouchers(uow, wanted, against=against)
    if len(vouchers) < len(wanted):
        raise VoucherNotFound
    return vouchers


async def live_by_person(uow: UnitOfWork, owners: Owners) -> dict[tuple[UUID, str], LiveVoucher]:
    """Live vouchers by person and programme; the people are locked, so nobody gets another meanwhile.

    One under a person's own record is answered rather than one under another record of his.
    """
    statement = select(
        Voucher.person_id, Voucher.programme, Voucher.id, Voucher.batch_id, Voucher.status, Voucher.open_holds
    ).where(Voucher.person_id.in_(owners), Voucher.status.in_(LIVE))
    live: dict[tuple[UUID, str], LiveVoucher] = {}
    for row in await uow.session.execute(statement):
        voucher = LiveVoucher(row.id, row.person_id, row.batch_id, VoucherStatus(row.status), row.open_holds)
        for person_id in owners[row.person_id]:
            if person_id == row.person_id:
                live[person_id, row.programme] = voucher
            else:
                live.setdefault((person_id, row.programme), voucher)
    return live


async def with_another_live(uow: UnitOfWork, vouchers: Iterable[Voucher]) -> set[UUID]:
    """Those of `vouchers` that ended, while their holder has another live one of the programme."""
    ended = [voucher for voucher in vouchers if voucher.status not in LIVE]
    if not ended:
        return set()
    live = await live_by_person(uow, await owners_of(uow, [voucher.person_id for voucher in ended]))
    return {voucher.id for voucher in ended if (voucher.person_id, voucher.programme) in live}


async def trainings_of(uow: UnitOfWork, owners: Owners) -> dict[UUID, list[Training]]:
    """The trainings that people's vouchers stand for, by person, under whichever record (A13).

    A clawed-back voucher counts until payout says that its debt is settled (D22).
    """
    rows = (
        await uow.session.execute(
            select(
                Voucher.person_id,
                Voucher.id,
                Voucher.skill_code,
                Voucher.level,
                Voucher.claimed_at,
                Voucher.status,
                Voucher.payout_id,
            ).where(Voucher.person_id.in_(owners), Voucher.status.in_(TRAINED))
        )
    ).all()
    settled = await debts_settled(uow, [row.payout_id for row in rows if row.status == VoucherStatus.CLAWED_BACK])
    found: dict[UUID, list[Training]] = {}
    for row in rows:
        if row.payout_id not in settled:
            training = Training(row.skill_code, row.level, business_date(row.claimed_at).year, row.id)
            for person_id in owners[row.person_id]:
                found.setdefault(person_id, []).append(training)
    return found


async def take_serials(uow: UnitOfWork, count: int) -> list[int]:
    """`count` serials for voucher numbers, from the sequence."""
    serials = select(func.nextval("voucher_serials")).select_from(func.generate_series(1, count))
    return list(await uow.session.scalars(serials))


async def lock_due_to_expire(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Vouchers offered or claimed whose time is over, ascending; locked against a claim or bind at the last moment."""
    statement = (
        select(Voucher.id)
        .where(Voucher.status.in_((VoucherStatus.OFFERED, VoucherStatus.CLAIMED)), Voucher.valid_until <= uow.now)
        .order_by(Voucher.id)
        .limit(limit)
        .with_for_update()
    )
    return list(await uow.session.scalars(statement))


async def lock_due_to_void(uow: UnitOfWork, class_ended_before: date, limit: int) -> list[UUID]:
    """Vouchers in use whose class ended before that day, ascending; locked against a certificate at the last moment."""
    statement = (
        select(Voucher.id)
        .where(Voucher.status == VoucherStatus.IN_USE, Voucher.ends_on < class_ended_before)
        .order_by(Voucher.id)
        .limit(limit)
        .with_for_update()
    )
    return list(await uow.session.scalars(statement))
