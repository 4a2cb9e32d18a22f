"""Reading voucher batches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.voucher.batches.domain import BatchNotFound, BatchState
from services.voucher.batches.models import Batch, BatchHolder, FundRule
from shared.persistence import UnitOfWork


async def get_batch(uow: UnitOfWork, batch_id: UUID) -> Batch:
    """One batch; `BatchNotFound` if there is none."""
    found = await uow.session.get(Batch, batch_id)
    if found is None:
        raise BatchNotFound
    return found


async def lock_batches(uow: UnitOfWork, batch_ids: Iterable[UUID], *, against: str) -> dict[UUID, Batch]:
    """Lock batches, ascending, with the number that is left in each."""
    return await uow.lock_rows(Batch, batch_ids, against=against)


async def holders_of(uow: UnitOfWork, batch_id: UUID) -> list[UUID]:
    """The people whom a targeted batch lists, ascending."""
    statement = select(BatchHolder.person_id).where(BatchHolder.batch_id == batch_id).order_by(BatchHolder.person_id)
    return list(await uow.session.scalars(statement))


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """Which batches to list: in one of `statuses`, touching one of `areas` (None: wherever)."""

    statuses: frozenset[BatchState]
    areas: frozenset[str] | None


async def list_batches(uow: UnitOfWork, asked: BatchFilter, *, after: UUID | None, limit: int) -> list[Batch]:
    """Batches that fit, ascending by id."""
    statement = select(Batch).where(Batch.status.in_(asked.statuses)).order_by(Batch.id).limit(limit)
    if asked.areas is not None:
        statement = statement.where(Batch.areas.overlap(sorted(asked.areas)))
    if after is not None:
        statement = statement.where(Batch.id > after)
    return list(await uow.session.scalars(statement))


async def fund_rules_on(uow: UnitOfWork, day: date) -> set[tuple[str, str]]:
    """Source and programme of every rule in force on the business date `day`."""
    rows = await uow.session.execute(
        select(FundRule.fund_source, FundRule.programme).where(
            FundRule.valid_from <= day, FundRule.valid_to.is_(None) | (FundRule.valid_to >= day)
        )
    )
    return {(row.fund_source, row.programme) for row in rows}
