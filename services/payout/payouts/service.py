"""Creating, moving and ending payouts, and the holds that stop them: each step an edge, with who decided it."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from services.payout.funds.service import free_reservations
from services.payout.holds.domain import Hold, HoldSource, Placement
from services.payout.holds.queries import held_because_of, hold_of, open_holds
from services.payout.holds.service import write_holds, write_lifts
from services.payout.institution_facts.queries import REMOVED, lock_standings
from services.payout.payouts import queries
from services.payout.payouts.domain import (
    PAYOUT,
    UNSENT,
    CityOfficerNeeded,
    ObjectionPeriod,
    PayoutAction,
    PayoutAlreadyLive,
    PayoutFacts,
    PayoutNotFound,
    SamePerson,
)
from services.payout.payouts.models import Payout, PayoutDecision
from shared.kernel.clock import business_date
from shared.kernel.errors import HoldNotFound
from shared.kernel.ids import uuid7
from shared.kernel.rounds import rounds
from shared.persistence import UnitOfWork, rules_on
from shared.persons import natural_person, records_of, registered_person
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class Officer:
    """The natural person who decides, and the account that they used."""

    person_id: UUID
    account: str
    records: Set[UUID]
    """Every record of theirs: earlier steps may have been taken under one that was superseded since."""


async def acting_officer(uow: UnitOfWork, caller: Principal) -> Officer:
    """Who decides: the surviving record of the caller's person; `ScopeMissing` or `PersonNotRegistered`."""
    person = await registered_person(uow, caller.person)
    return Officer(person, caller.account, (await records_of(uow, [person])).keys())


async def acting_city_officer(uow: UnitOfWork, caller: Principal) -> Officer:
    """`acting_officer` of the whole city; `CityOfficerNeeded` for anybody else."""
    if not caller.covers_city:
        raise CityOfficerNeeded
    return await acting_officer(uow, caller)


async def create_payouts(
    uow: UnitOfWork, action: PayoutAction, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, PayoutFacts]:
    """Create payouts, opened or refused, by voucher; one whose benefit is live already is left out."""
    created = await uow.create_all(Payout, action, rows, skip_conflicts=True)
    return {row.voucher_id: row.facts() for row in created}


async def move_payouts(
    uow: UnitOfWork,
    action: PayoutAction,
    ids: Collection[UUID],
    *,
    each: Mapping[UUID, Mapping[str, Any]] | None = None,
    by: Officer | None = None,
) -> dict[UUID, PayoutFacts]:
    """Take `action`'s edge for locked payouts, `each` setting columns by id; answers those that moved.

    A step that a person took is written down with `by`.
    """
    moved = await uow.move_all(Payout, action, ids, each=each)
    await _write_down(uow, action, moved.rows, by)
    return {row.id: row.facts() for row in moved}


async def end_payouts(
    uow: UnitOfWork,
    action: PayoutAction,
    codes: Mapping[UUID, str],
    *,
    final: Collection[UUID] = (),
    by: Officer | None = None,
) -> dict[UUID, PayoutFacts]:
    """Reject or withdraw locked payouts that are not with the bank, and free what their funds had reserved.

    Those in `final` are rejected for good (R2).
    """
    each: dict[UUID, dict[str, Any]] = {payout_id: {"code": code} for payout_id, code in codes.items()}
    if final:
        each = {payout_id: {**said, "final": payout_id in final} for payout_id, said in each.items()}
    ended = await move_payouts(uow, action, each, each=each, by=by)
    await free_reservations(uow, [payout.reservation for payout in ended.values() if payout.reservation])
    return ended


async def stop_payouts(uow: UnitOfWork, ending: PayoutAction, reasons: Mapping[UUID, tuple[UUID, str]]) -> None:
    """What payouts rest on is gone: end what is not with the bank, hold and list what was sent or paid (D14).

    `reasons` are by payout what it rested on, and the code that says why.
    """
    payouts = await queries.lock_payouts(uow, list(reasons), against="money sent on what was just revoked")
    unsent = {payout_id: reasons[payout_id][1] for payout_id, payout in payouts.items() if payout.status in UNSENT}
    await end_payouts(uow, ending, unsent)
    late = {payout_id: reasons[payout_id] for payout_id in payouts if payout_id not in unsent}
    await place_holds(
        uow,
        [Placement(payout_id, HoldSource.REVOCATION, str(about), code) for payout_id, (about, code) in late.items()],
    )


async def objection_until(uow: UnitOfWork, payout: PayoutFacts) -> date | None:
    """The last day on which holder and payee may object to its final rejection (D27); None where nobody may."""
    if not payout.final or await queries.is_objected_to(uow, payout):
        return None
    return payout.objection_until(await rules_on(uow, ObjectionPeriod, business_date(payout.entered_at)))


async def name_releaser(uow: UnitOfWork, ids: Collection[UUID], officer: Officer) -> None:
    """Write the releasing officer onto the locked payouts of a batch, so that one CHECK compares all five."""
    await uow.session.execute(update(Payout).where(Payout.id.in_(ids)).values(released_by=officer.person_id))


async def count_under(uow: UnitOfWork, payout_id: UUID, person_id: UUID) -> None:
    """Count a locked payout's benefit under `person_id`, the survivor of two records of one person."""
    await uow.session.execute(update(Payout).where(Payout.id == payout_id).values(key_person_id=person_id))


async def place_holds(
    uow: UnitOfWork, placements: Collection[Placement], *, by: Officer | None = None
) -> dict[UUID, PayoutFacts]:
    """Hold payouts; a hold that stands for the same thing already, and a payout that has ended, stay as they are."""
    ids = {placement.payout_id for placement in placements}
    payouts = await queries.lock_payouts(uow, ids, against="a step taken while it is held")
    standing = {hold.key for hold in await open_holds(uow, ids)}
    new = {
        placement.key: placement
        for placement in placements
        if placement.key not in standing
        and placement.payout_id in payouts
        and (payouts[placement.payout_id].status, PayoutAction.HOLD) in PAYOUT.edges
    }
    if not new:
        return payouts
    held = await write_holds(uow, new.values(), by.person_id if by else None)
    return payouts | await _count(uow, PayoutAction.HOLD, held, by)


async def lift_holds(uow: UnitOfWork, holds: Sequence[Hold], *, by: Officer | None = None) -> dict[UUID, PayoutFacts]:
    """Lift these holds, those of them that still stand."""
    payouts = await queries.lock_payouts(uow, {hold.payout_id for hold in holds}, against="a hold that is lifted twice")
    lifted = await write_lifts(uow, holds, by.person_id if by else None)
    return payouts | await _count(uow, PayoutAction.LIFT_HOLD, lifted, by)


async def place_hold(uow: UnitOfWork, caller: Principal, payout_id: UUID, reason_code: str) -> Hold:
    """An officer stops a payout, also for an objection against the public notice (D19), which freezes exactly it."""
    officer = await acting_officer(uow, caller)
    payout = await _lock_in_scope(uow, caller, payout_id, against="a step taken while it is held")
    payout.decide(PayoutAction.HOLD)
    placement = Placement(payout_id, HoldSource.OFFICER, str(uuid7()), reason_code)
    await place_holds(uow, [placement], by=officer)
    (hold,) = await held_because_of(uow, placement.source, [placement.source_id])
    return hold


async def see_hold(uow: UnitOfWork, caller: Principal, payout_id: UUID, hold_id: UUID) -> Hold:
    """One hold of a payout in the caller's scope, lifted or not."""
    if payout_id not in await queries.find_payouts(uow, caller, [payout_id]):
        raise PayoutNotFound
    hold = await hold_of(uow, payout_id, hold_id)
    if hold is None:
        raise HoldNotFound
    return hold


async def lift_hold(uow: UnitOfWork, caller: Principal, payout_id: UUID, hold_id: UUID) -> Hold:
    """An officer lifts a hold that officers may lift; none on their own money, and none while it would pay twice."""
    officer, payout, hold, institution_removed = await _lock_hold(uow, caller, payout_id, hold_id)
    hold.check_lift(institution_removed=institution_removed)
    if hold.source is HoldSource.TAKEN_OVER and hold.placed_by in officer.records:
        raise SamePerson
    if hold.source is HoldSource.DUPLICATE_PERSON and await _is_taken_twice(uow, payout):
        raise PayoutAlreadyLive
    await lift_holds(uow, [hold], by=officer)
    return replace(hold, lifted_at=uow.now)


async def take_over_hold(uow: UnitOfWork, caller: Principal, payout_id: UUID, hold_id: UUID, reason_code: str) -> Hold:
    """An officer answers for what no event may ever lift, with a reason (R10); the payout stays held.

    So is a hold for what a register has not answered, one for an institution that was removed, and one for a dead
    holder. Another officer lifts what the first took over; or the payout is rejected. A dead worker's own money waits
    for an account of the heirs: `HeirsAccountMissing`.
    """
    officer, payout, hold, institution_removed = await _lock_hold(uow, caller, payout_id, hold_id)
    hold.check_take_over(institution_removed=institution_removed)
    placement = Placement(payout.id, HoldSource.TAKEN_OVER, str(hold_id), reason_code)
    await place_holds(uow, [placement], by=officer)
    await lift_holds(uow, [hold], by=officer)
    (taken,) = await held_because_of(uow, placement.source, [placement.source_id])
    return taken


async def _lock_hold(
    uow: UnitOfWork, caller: Principal, payout_id: UUID, hold_id: UUID
) -> tuple[Officer, PayoutFacts, Hold, bool]:
    """A standing hold in the hands of an officer who is not paid, and whether it is for an institution that is gone."""
    officer = await acting_officer(uow, caller)
    hold = await see_hold(uow, caller, payout_id, hold_id)
    standings = await lock_standings(uow, {hold.source_id}, against="an institution that is listed again")
    payout = await _lock_in_scope(uow, caller, payout_id, against="a hold that is lifted twice")
    payout.check_not_beneficiary(officer.records)
    hold = await see_hold(uow, caller, payout_id, hold_id)
    if hold.lifted_at is not None:
        raise HoldNotFound
    return officer, payout, hold, standings.get(hold.source_id) == REMOVED


async def _lock_in_scope(uow: UnitOfWork, caller: Principal, payout_id: UUID, *, against: str) -> PayoutFacts:
    visible = await queries.find_payouts(uow, caller, [payout_id])
    locked = await queries.lock_payouts(uow, visible, against=against)
    if payout_id not in locked:
        raise PayoutNotFound
    return locked[payout_id]


async def _is_taken_twice(uow: UnitOfWork, payout: PayoutFacts) -> bool:
    """Whether another live payout has the same benefit under any record of the same person."""
    records = await records_of(uow, [await natural_person(uow, payout.person_id)])
    live = await queries.keyed_under(uow, records)
    return any(other.benefit_key == payout.benefit_key for other in live if other.id != payout.id)


async def _count(
    uow: UnitOfWork, action: PayoutAction, holds: Sequence[Hold], by: Officer | None
) -> dict[UUID, PayoutFacts]:
    """Count holds on their payouts, each an edge with its event: the k-th hold of every payout in round k."""
    payouts: dict[UUID, PayoutFacts] = {}
    for places in rounds(holds, lambda hold: hold.payout_id):
        payouts |= await _count_once(uow, action, {holds[place].payout_id: holds[place] for place in places}, by)
    return payouts


async def _count_once(
    uow: UnitOfWork, action: PayoutAction, holds: Mapping[UUID, Hold], by: Officer | None
) -> dict[UUID, PayoutFacts]:
    counted = Payout.open_holds + (1 if action is PayoutAction.HOLD else -1)
    moved = await uow.move_all(
        Payout,
        action,
        holds,
        values={"open_holds": counted},
        details=lambda row: {"hold_id": holds[row.id].id, "reason_code": holds[row.id].reason_code},
    )
    await _write_down(uow, action, moved.rows, by)
    return {row.id: row.facts() for row in moved}


async def _write_down(uow: UnitOfWork, action: PayoutAction, rows: Sequence[Payout], by: Officer | None) -> None:
    """Keep who took a step, where a person did."""
    if by is not None and rows:
        decided = {"action": str(action), "account": by.account, "person_id": by.person_id, "decided_at": uow.now}
        await uow.session.execute(
            insert(PayoutDecision), [{"payout_id": row.id, "version": row.version, **decided} for row in rows]
        )
