"""Placing and lifting holds: each locks the payout, counts on it, and is an edge with its event."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import insert, update

from services.payout.holds import queries
from services.payout.holds.domain import LIFTED_BY_OFFICERS, Hold, HoldOfAnotherSource, HoldSource, Placement
from services.payout.holds.models import PayoutHold
from services.payout.payouts.domain import PAYOUT, UNSENT, PayoutAction, PayoutAlreadyLive, PayoutFacts, PayoutNotFound
from services.payout.payouts.queries import keyed_under, live_of_certificates, lock_payouts, payouts_in_scope
from services.payout.payouts.service import Officer, acting_officer, end_payouts, move_payouts
from services.payout.person_facts.queries import natural_person, records_of
from shared.kernel.errors import HoldNotFound
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.security import Principal


async def place_holds(
    uow: UnitOfWork, placements: Collection[Placement], *, by: Officer | None = None
) -> dict[UUID, PayoutFacts]:
    """Hold payouts; a hold that stands for the same thing already, and a payout that has ended, stay as they are."""
    payouts = await lock_payouts(uow, {one.payout_id for one in placements}, against="a step taken while it is held")
    standing = {(one.payout_id, str(one.source), one.source_id) for one in await queries.open_holds(uow, list(payouts))}
    new = {
        one.key: one
        for one in placements
        if one.key not in standing
        and one.payout_id in payouts
        and (payouts[one.payout_id].status, PayoutAction.HOLD) in PAYOUT.edges
    }
    if not new:
        return payouts
    placed = {"placed_by": by.person_id if by else None, "placed_at": uow.now}
    await uow.session.execute(
        insert(PayoutHold),
        [
            {
                "id": uuid7(), "payout_id": one.payout_id, "source": one.source, "source_id": one.source_id,
                "reason_code": one.reason_code, **placed,
            }
            for one in new.values()
        ],
    )  # fmt: skip
    return payouts | await _count(
        uow, PayoutAction.HOLD, [(one.payout_id, one.reason_code) for one in new.values()], by
    )


async def lift_holds(uow: UnitOfWork, holds: Sequence[Hold], *, by: Officer | None = None) -> dict[UUID, PayoutFacts]:
    """Lift these holds, those of them that still stand."""
    payouts = await lock_payouts(uow, {one.payout_id for one in holds}, against="a hold that is lifted twice")
    standing = PayoutHold.id.in_([hold.id for hold in holds]) & PayoutHold.lifted_at.is_(None)
    lifting = update(PayoutHold).where(standing).values(lifted_by=by.person_id if by else None, lifted_at=uow.now)
    lifted = await uow.session.execute(
        lifting.returning(PayoutHold.payout_id, PayoutHold.reason_code),
        execution_options={"synchronize_session": False},
    )
    steps = [(row.payout_id, row.reason_code) for row in lifted]
    return payouts | await _count(uow, PayoutAction.LIFT_HOLD, steps, by)


async def hold_payout(uow: UnitOfWork, caller: Principal, payout_id: UUID, reason_code: str) -> PayoutFacts:
    """An officer stops a payout, also for an objection against the public notice (D19), which freezes exactly it."""
    officer = await acting_officer(uow, caller)
    await _demand_scope(uow, caller, payout_id)
    placement = Placement(payout_id, HoldSource.OFFICER, str(uuid7()), reason_code)
    before = (await lock_payouts(uow, [payout_id], against="a step taken while it is held"))[payout_id]
    before.decide(PayoutAction.HOLD)
    return (await place_holds(uow, [placement], by=officer))[payout_id]


async def lift_hold(uow: UnitOfWork, caller: Principal, payout_id: UUID, hold_id: UUID) -> PayoutFacts:
    """An officer lifts a hold that officers may lift; none on his own money, and none while it would pay twice."""
    officer = await acting_officer(uow, caller)
    await _demand_scope(uow, caller, payout_id)
    payout = (await lock_payouts(uow, [payout_id], against="a hold that is lifted twice"))[payout_id]
    payout.demand_not_beneficiary(officer.records)
    hold = next((one for one in await queries.open_holds(uow, [payout_id]) if one.id == hold_id), None)
    if hold is None:
        raise HoldNotFound
    if hold.source not in LIFTED_BY_OFFICERS:
        raise HoldOfAnotherSource(source=hold.source)
    if hold.source is HoldSource.DUPLICATE_PERSON and await _is_taken_twice(uow, payout):
        raise PayoutAlreadyLive
    return (await lift_holds(uow, [hold], by=officer))[payout_id]


async def stop_for_certificates(uow: UnitOfWork, reasons: dict[UUID, str]) -> None:
    """A certificate was revoked: reject what is not with the bank; hold and list what was sent or paid (D14)."""
    named = await live_of_certificates(uow, list(reasons))
    certificate_of = {payout_id: certificate_id for certificate_id, payout_id in named}
    await _stop(
        uow,
        {payout_id: reasons[certificate_id] for payout_id, certificate_id in certificate_of.items()},
        PayoutAction.REJECT,
        {payout_id: str(certificate_id) for payout_id, certificate_id in certificate_of.items()},
    )


async def stop_for_vouchers(uow: UnitOfWork, payout_of: dict[UUID, UUID], code: str) -> None:
    """Vouchers were cancelled: withdraw what is not with the bank; hold and list the rest."""
    await _stop(
        uow,
        dict.fromkeys(payout_of.values(), code),
        PayoutAction.WITHDRAW,
        {payout_id: str(voucher_id) for voucher_id, payout_id in payout_of.items()},
    )


async def _stop(uow: UnitOfWork, codes: dict[UUID, str], ending: PayoutAction, about: dict[UUID, str]) -> None:
    payouts = await lock_payouts(uow, list(codes), against="money sent on a certificate that was just revoked")
    stopped = {payout_id: codes[payout_id] for payout_id, one in payouts.items() if one.status in UNSENT}
    await end_payouts(uow, ending, stopped)
    late = [payout_id for payout_id in payouts if payout_id not in stopped]
    await place_holds(uow, [Placement(one, HoldSource.REVOCATION, about[one], codes[one]) for one in late])


async def _count(
    uow: UnitOfWork, action: PayoutAction, steps: Sequence[tuple[UUID, str]], by: Officer | None
) -> dict[UUID, PayoutFacts]:
    """One edge for each hold: in rounds, the k-th hold of every payout in round k."""
    delta = 1 if action is PayoutAction.HOLD else -1
    payouts: dict[UUID, PayoutFacts] = {}
    waiting = list(steps)
    while waiting:
        codes = dict(reversed(waiting))  # the first of each payout
        payouts |= await move_payouts(uow, action, list(codes), by=by, holds=delta, codes=codes)
        for step in codes.items():
            waiting.remove(step)
    return payouts


async def _is_taken_twice(uow: UnitOfWork, payout: PayoutFacts) -> bool:
    """Whether another live payout has the same benefit under any record of the same person."""
    records = await records_of(uow, [await natural_person(uow, payout.person_id)])
    key = payout.skill_code, payout.level, payout.benefit
    live = await keyed_under(uow, records)
    return any((one.skill_code, one.level, one.benefit) == key for one in live if one.id != payout.id)


async def _demand_scope(uow: UnitOfWork, caller: Principal, payout_id: UUID) -> None:
    if payout_id not in await payouts_in_scope(uow, caller, [payout_id]):
        raise PayoutNotFound
