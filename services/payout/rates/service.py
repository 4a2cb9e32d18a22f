"""Changing the rate table: one officer of the city proposes, another approves, and the past stays as it was decided."""

from dataclasses import asdict
from uuid import UUID

from services.payout.rates.domain import (
    NewRate,
    RateAction,
    RateChangeFacts,
    RateChangeNotFound,
    RateCityOfficerNeeded,
    RateNotFound,
)
from services.payout.rates.models import RateChange
from services.payout.rates.queries import rate_table
from shared.kernel.money import checked_fen
from shared.persistence import UnitOfWork
from shared.persons import records_of, registered_person
from shared.security import Principal


async def propose_rate(uow: UnitOfWork, caller: Principal, new: NewRate) -> RateChangeFacts:
    """A city officer proposes a row, or one that takes the place of another from a day on (R22)."""
    officer = await _city_officer(uow, caller)
    replaced = None
    if new.rate_id is not None:
        replaced = next((rate for rate in (await rate_table(uow)).rates if rate.id == new.rate_id), None)
        if replaced is None or (replaced.programme, replaced.certificate_kind, replaced.level, replaced.act) != (
            new.programme,
            new.certificate_kind,
            new.level,
            new.act,
        ):
            raise RateNotFound
    new.check_days(replaced)
    checked_fen(new.amount_fen, least_fen=1)
    row = RateChange(proposed_by=officer, **asdict(new))
    uow.create(row, RateAction.PROPOSE)
    await uow.session.flush()
    return row.facts()


async def approve_rate(uow: UnitOfWork, caller: Principal, change_id: UUID) -> RateChangeFacts:
    """Another city officer approves: the row is in the table, and the one that it replaces ends the day before."""
    row = await _lock(uow, change_id)
    officer = await _city_officer(uow, caller)
    row.facts().check_second_officer((await records_of(uow, [officer])).keys())
    row.decided_by = officer
    uow.move(row, RateAction.APPROVE)
    await uow.session.flush()
    return row.facts()


async def reject_rate(uow: UnitOfWork, caller: Principal, change_id: UUID) -> RateChangeFacts:
    """A city officer, the proposer too, gives a proposal up."""
    row = await _lock(uow, change_id)
    await _city_officer(uow, caller)
    uow.move(row, RateAction.REJECT)
    await uow.session.flush()
    return row.facts()


async def _city_officer(uow: UnitOfWork, caller: Principal) -> UUID:
    if not caller.covers_city:
        raise RateCityOfficerNeeded
    return await registered_person(uow, caller.person)


async def _lock(uow: UnitOfWork, change_id: UUID) -> RateChange:
    rows = await uow.lock_rows(RateChange, [change_id], against="a rate decided twice")
    if change_id not in rows:
        raise RateChangeNotFound
    return rows[change_id]
