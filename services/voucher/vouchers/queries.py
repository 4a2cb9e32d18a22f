"""Reading and locking vouchers. Locks are taken in one order: people, batches, vouchers; ids ascending."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, func, select

from services.voucher.payout_facts.queries import debts_settled
from services.voucher.vouchers.domain import CANCELLABLE, LIVE, STOPPABLE, TRAINED, VoucherFacts, VoucherState
from services.voucher.vouchers.models import Voucher, VoucherHold
from services.voucher.workers.queries import Owners, lock_people, owners_of
from shared.kernel.clock import end_of_day
from shared.kernel.errors import HoldNotFound, VoucherNotFound
from shared.persistence import UnitOfWork

_OF_REGISTER = and_(VoucherHold.placed_by.is_(None), VoucherHold.lifted_at.is_(None))
"""Open holds that the register of deaths placed (R10)."""


@dataclass(frozen=True, slots=True)
class VoucherFilter:
    """Which vouchers to list; None asks nothing.

    `records` are one person's; `areas` are those of the voucher or of its class.
    """

    records: frozenset[UUID] | None = None
    areas: frozenset[str] | None = None
    institution: str | None = None
    batch_id: UUID | None = None
    status: VoucherState | None = None


async def get_voucher(uow: UnitOfWork, voucher_id: UUID) -> Voucher:
    """One voucher; `VoucherNotFound` if there is none."""
    found = await uow.session.get(Voucher, voucher_id)
    if found is None:
        raise VoucherNotFound
    return found


async def list_vouchers(uow: UnitOfWork, asked: VoucherFilter, *, after: UUID | None, limit: int) -> list[Voucher]:
    """Vouchers that fit, ascending by id."""
    statement = select(Voucher).order_by(Voucher.id).limit(limit)
    if asked.records is not None:
        statement = statement.where(Voucher.person_id.in_(asked.records))
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


async def lock_voucher(uow: UnitOfWork, voucher_id: UUID, *, against: str) -> Voucher:
    """Lock one voucher; `VoucherNotFound` if there is none."""
    vouchers = await lock_vouchers(uow, [voucher_id], against=against)
    if voucher_id not in vouchers:
        raise VoucherNotFound
    return vouchers[voucher_id]


async def lock_vouchers(uow: UnitOfWork, voucher_ids: Iterable[UUID], *, against: str) -> dict[UUID, Voucher]:
    """Lock vouchers, ascending; an id that no voucher has is left out."""
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


async def held_vouchers(uow: UnitOfWork, owners: Owners) -> dict[UUID, list[VoucherFacts]]:
    """Vouchers that are live or count as a training, by person, under whichever record (A13).

    The people are locked, so nobody gets another meanwhile. One that was clawed back counts until payout says that its
    debt is settled (D22).
    """
    statement = select(Voucher).where(Voucher.person_id.in_(owners), Voucher.status.in_(LIVE | TRAINED))
    vouchers = [voucher.facts() for voucher in await uow.session.scalars(statement)]
    reversed_by = {voucher.payout_id for voucher in vouchers if voucher.status is VoucherState.CLAWED_BACK}
    settled = await debts_settled(uow, reversed_by)
    held: dict[UUID, list[VoucherFacts]] = {}
    for voucher in vouchers:
        if voucher.payout_id not in settled:
            for person_id in owners[voucher.person_id]:
                held.setdefault(person_id, []).append(voucher)
    return held


async def with_another_live(uow: UnitOfWork, vouchers: Iterable[Voucher]) -> set[UUID]:
    """Those of `vouchers` that ended, while their holder has another live one of the programme."""
    ended = [voucher for voucher in vouchers if voucher.status not in LIVE]
    if not ended:
        return set()
    held = await held_vouchers(uow, await owners_of(uow, [voucher.person_id for voucher in ended]))
    live = {
        (person_id, voucher.terms.programme)
        for person_id, all_held in held.items()
        for voucher in all_held
        if voucher.live
    }
    return {voucher.id for voucher in ended if (voucher.person_id, voucher.programme) in live}


async def take_serials(uow: UnitOfWork, count: int) -> list[int]:
    """`count` serials for voucher numbers, from the sequence."""
    if count == 0:
        return []
    serials = select(func.nextval("voucher_serials")).select_from(func.generate_series(1, count))
    return list(await uow.session.scalars(serials))


async def lock_due_to_expire(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Vouchers offered or claimed whose time is over, ascending; locked against a claim or bind at the last moment.

    For one that is held the clock stands still (R6), but not for a dead holder's, which ends like any other (R1).
    """
    of_register = exists().where(VoucherHold.voucher_id == Voucher.id, _OF_REGISTER)
    statement = (
        select(Voucher.id)
        .where(
            Voucher.status.in_((VoucherState.OFFERED, VoucherState.CLAIMED)),
            Voucher.valid_until <= uow.now,
            (Voucher.open_holds == 0) | of_register,
        )
        .order_by(Voucher.id)
        .limit(limit)
        .with_for_update()
    )
    return list(await uow.session.scalars(statement))


async def lock_unheld_of(uow: UnitOfWork, records: Collection[UUID]) -> list[Voucher]:
    """Vouchers of these records that may be stopped and the register of deaths does not hold yet, ascending, locked."""
    held = exists().where(VoucherHold.voucher_id == Voucher.id, _OF_REGISTER)
    statement = select(Voucher.id).where(Voucher.person_id.in_(records), Voucher.status.in_(STOPPABLE), ~held)
    found = list(await uow.session.scalars(statement.order_by(Voucher.id)))
    locked = await lock_vouchers(uow, found, against="a claim or an end while the hold is placed")
    return [voucher for voucher in locked.values() if voucher.status in STOPPABLE]


async def register_holds_of(uow: UnitOfWork, records: Collection[UUID]) -> list[VoucherHold]:
    """Open holds that the register of deaths placed on vouchers of these records."""
    statement = (
        select(VoucherHold)
        .join(Voucher, Voucher.id == VoucherHold.voucher_id)
        .where(_OF_REGISTER, Voucher.person_id.in_(records))
    )
    return list(await uow.session.scalars(statement.order_by(VoucherHold.id)))


async def lock_due_to_void(uow: UnitOfWork, class_ended_before: date, limit: int) -> list[UUID]:
    """Vouchers in use whose class ended before that day, ascending; locked against a certificate at the last moment.

    After a revocation there is time for another certificate, however long ago the class ended (R3).
    """
    no_time_left = Voucher.certify_by.is_(None) | (Voucher.certify_by < uow.today)
    statement = (
        select(Voucher.id)
        .where(Voucher.status == VoucherState.IN_USE, Voucher.ends_on < class_ended_before, no_time_left)
        .order_by(Voucher.id)
        .limit(limit)
        .with_for_update()
    )
    return list(await uow.session.scalars(statement))


async def lock_due_to_lapse(uow: UnitOfWork, certified_before: date, limit: int) -> list[UUID]:
    """Vouchers certified before that day that no payout is under way for, ascending; locked against one opening."""
    statement = (
        select(Voucher.id)
        .where(Voucher.status == VoucherState.CERTIFIED, Voucher.certified_on < certified_before)
        .order_by(Voucher.id)
        .limit(limit)
        .with_for_update()
    )
    return list(await uow.session.scalars(statement))


async def lock_lapsed_proposals(uow: UnitOfWork, limit: int) -> list[Voucher]:
    """Vouchers whose proposed cancellation nobody decided on in time, ascending, locked."""
    due = (Voucher.status.in_(CANCELLABLE), Voucher.cancellation_lapses_at <= uow.now)
    found = await uow.session.scalars(select(Voucher.id).where(*due).order_by(Voucher.id).limit(limit))
    locked = await lock_vouchers(uow, found, against="a decision on the proposal at the last moment")
    return [
        voucher
        for voucher in locked.values()
        if voucher.cancellation_lapses_at is not None and voucher.cancellation_lapses_at <= uow.now
    ]


async def lock_due_to_warn(uow: UnitOfWork, days: int, limit: int) -> list[UUID]:
    """Claimed vouchers with at most so many days left, whose holder was not warned of it, ascending, locked."""
    ends_by = end_of_day(uow.today + timedelta(days=days))
    statement = (
        select(Voucher.id)
        .where(
            Voucher.status == VoucherState.CLAIMED,
            Voucher.open_holds == 0,
            Voucher.valid_until > uow.now,
            Voucher.valid_until <= ends_by,
            Voucher.warned_days.is_(None) | (Voucher.warned_days > days),
        )
        .order_by(Voucher.id)
        .limit(limit)
        .with_for_update()
    )
    return list(await uow.session.scalars(statement))


async def lock_certified_by(uow: UnitOfWork, certificate_ids: Iterable[UUID], *, against: str) -> list[VoucherFacts]:
    """Vouchers that one of these certificates makes payable and that no payout is under way for, locked."""
    wanted = set(certificate_ids)
    found = await uow.session.scalars(select(Voucher.id).where(Voucher.certificate_id.in_(wanted)))
    vouchers = (await lock_vouchers(uow, found, against=against)).values()
    return [
        voucher.facts()
        for voucher in vouchers
        if voucher.status == VoucherState.CERTIFIED and voucher.certificate_id in wanted
    ]


async def lock_payable(uow: UnitOfWork, person_ids: Iterable[UUID], *, against: str) -> list[VoucherFacts]:
    """The vouchers of these people that a certificate made payable and that are not paid, locked, ascending.

    One that lapsed by a final rejection may still be paid for: its payout may be reopened (R2).
    """
    payable = (VoucherState.CERTIFIED, VoucherState.SETTLING, VoucherState.LAPSED)
    mine = Voucher.person_id.in_(set(person_ids))
    found = await uow.session.scalars(select(Voucher.id).where(mine, Voucher.status.in_(payable)))
    vouchers = (await lock_vouchers(uow, found, against=against)).values()
    return [voucher.facts() for voucher in vouchers if voucher.status in payable]


async def hold_of(uow: UnitOfWork, voucher_id: UUID, hold_id: UUID) -> VoucherHold:
    """A hold of this voucher; `HoldNotFound` if it has none of this id."""
    hold = await uow.session.get(VoucherHold, hold_id)
    if hold is None or hold.voucher_id != voucher_id:
        raise HoldNotFound
    return hold


async def holds_of(uow: UnitOfWork, voucher_id: UUID) -> list[VoucherHold]:
    """All holds of a voucher, ascending."""
    statement = select(VoucherHold).where(VoucherHold.voucher_id == voucher_id).order_by(VoucherHold.id)
    return list(await uow.session.scalars(statement))
