"""Reading and locking mergers, within the areas of both records. Locks: people first, then the merger."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import aliased

from services.voucher.mergers.domain import MergerNotFound, MergerState
from services.voucher.mergers.models import Merger
from services.voucher.payout_facts.domain import PayoutStage
from services.voucher.payout_facts.models import PayoutFact
from services.voucher.vouchers.models import Voucher
from services.voucher.workers.models import Worker
from services.voucher.workers.queries import lock_people, owners_of
from shared.persistence import UnitOfWork
from shared.security import Principal


def _in_scope(caller: Principal) -> ColumnElement[bool]:
    """The mergers of which the officer covers both records."""
    if caller.covers_city:
        return true()
    person, survivor = aliased(Worker), aliased(Worker)
    covered = (
        select(person.id)
        .join(survivor, survivor.id == Merger.survivor_id)
        .where(person.id == Merger.person_id, person.area.in_(caller.areas), survivor.area.in_(caller.areas))
    )
    return covered.exists()


async def see_merger(uow: UnitOfWork, caller: Principal, merger_id: UUID) -> Merger:
    """One merger of the officer's areas; `MergerNotFound` otherwise."""
    found = await uow.session.scalar(select(Merger).where(Merger.id == merger_id, _in_scope(caller)))
    if found is None:
        raise MergerNotFound
    return found


async def list_mergers(
    uow: UnitOfWork,
    caller: Principal,
    *,
    status: MergerState | None,
    person_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[Merger]:
    """Mergers of the officer's areas, ascending by id; of one record, on either side, if asked."""
    statement = select(Merger).where(_in_scope(caller)).order_by(Merger.id).limit(limit)
    if status is not None:
        statement = statement.where(Merger.status == status)
    if person_id is not None:
        statement = statement.where((Merger.person_id == person_id) | (Merger.survivor_id == person_id))
    if after is not None:
        statement = statement.where(Merger.id > after)
    return list(await uow.session.scalars(statement))


async def lock_merger(uow: UnitOfWork, merger: Merger, *, against: str) -> Merger:
    """Lock every record of the person or persons, as a claim under any of them does, and the merger."""
    await lock_people(uow, await owners_of(uow, [merger.person_id, merger.survivor_id]), against=against)
    return (await uow.lock_rows(Merger, [merger.id], against=against))[merger.id]


async def payouts_since(uow: UnitOfWork, records: Iterable[UUID], since: datetime | None) -> list[UUID]:
    """Payouts of these records' vouchers that came further since then, as far as payout has said; none that it ended.

    What was opened or paid before, and not touched since, is none of them.
    """
    moved = (PayoutFact.stage != PayoutStage.RETURNED, PayoutFact.moved_at >= since)
    of_records = select(PayoutFact.payout_id).join(Voucher, Voucher.id == PayoutFact.voucher_id)
    found = await uow.session.scalars(of_records.where(Voucher.person_id.in_(set(records)), *moved))
    return list(found)
