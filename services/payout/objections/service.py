"""Filing objections, which freezes a payout at once, and deciding them by two officers."""

from uuid import UUID

from services.payout.holds.domain import HoldSource, Placement
from services.payout.holds.queries import held_because_of
from services.payout.notices.queries import get_current
from services.payout.objections import queries
from services.payout.objections.domain import (
    Channel,
    Filing,
    ObjectionAction,
    ObjectionFacts,
    ObjectionRules,
    ObjectionSamePerson,
    ObjectorNotNamed,
    Outcome,
)
from services.payout.objections.models import Objection
from services.payout.payouts.domain import PayoutFacts, PayoutNotFound, PayoutState, SamePerson
from services.payout.payouts.queries import lock_payouts
from services.payout.payouts.service import Officer, acting_officer, lift_holds, place_holds
from shared.kernel.actor import Actor, ActorKind
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, rules_on
from shared.persons import registered_person
from shared.reference.calendar import working_days_after
from shared.security import AreaOutsideScope, Principal, Role

REASON = "objection"
UNNAMED = Actor(ActorKind.COMMAND, "payout.objection")
"""Who objects stands in the objection alone: no event names them, so that the payee cannot learn it (D19)."""


async def file_objection(uow: UnitOfWork, caller: Principal, notice_id: UUID, filing: Filing) -> ObjectionFacts:
    """Somebody objects by real name to what a notice shows while it lasts; exactly that payout is frozen."""
    notice = await get_current(uow, notice_id)
    filed_by = await registered_person(uow, caller.person)
    objector = await _objector(uow, caller, filing)
    if caller.role is Role.OFFICER and not caller.covers(notice.area):
        raise AreaOutsideScope
    uow.actor = UNNAMED
    payout = await _lock_on_notice(uow, notice_id, filing.payout_id)
    rules = await rules_on(uow, ObjectionRules, uow.today)
    objection_id = uuid7()
    row = Objection(
        id=objection_id,
        payout_id=payout.id,
        area=payout.area,
        objector_id=objector,
        filed_by=filed_by,
        channel=filing.channel,
        statement=uow.keys.fields.encrypt(filing.statement, table="objections", column="statement", row=objection_id),
        evidence_digest=filing.evidence_digest,
        due_on=working_days_after(uow.today, rules.objection_working_days),
    )
    uow.create(row, ObjectionAction.FILE)
    await uow.session.flush()
    await place_holds(uow, [Placement(payout.id, HoldSource.OBJECTION, str(objection_id), REASON)])
    return row.facts()


async def propose_decision(
    uow: UnitOfWork, caller: Principal, objection_id: UUID, outcome: Outcome, reason_code: str
) -> ObjectionFacts:
    """One officer says how the objection should be decided, and why."""
    row, _, officer = await _lock(uow, caller, objection_id)
    row.outcome, row.reason_code, row.proposed_by = outcome, reason_code, officer.person_id
    uow.move(row, ObjectionAction.PROPOSE)
    await uow.session.flush()
    return row.facts()


async def send_back(uow: UnitOfWork, caller: Principal, objection_id: UUID) -> ObjectionFacts:
    """A second officer does not follow the proposal; the objection waits for another."""
    row, _, _ = await _lock(uow, caller, objection_id)
    row.outcome = row.reason_code = row.proposed_by = None
    uow.move(row, ObjectionAction.SEND_BACK)
    await uow.session.flush()
    return row.facts()


async def decide_objection(uow: UnitOfWork, caller: Principal, objection_id: UUID) -> ObjectionFacts:
    """A second officer follows the proposal: dismissed lets the payout go on; upheld leaves it frozen.

    An upheld objection is also the hold of an officer, under which any other one rejects the payout for good (R2).
    """
    row, payout, officer = await _lock(uow, caller, objection_id)
    upheld = row.outcome == Outcome.UPHELD
    row.decided_by = officer.person_id
    uow.move(row, ObjectionAction.UPHOLD if upheld else ObjectionAction.DISMISS)
    await uow.session.flush()
    if upheld:
        await place_holds(uow, [Placement(payout.id, HoldSource.OFFICER, str(row.id), REASON)], by=officer)
    else:
        await lift_holds(uow, await held_because_of(uow, HoldSource.OBJECTION, [str(row.id)]), by=officer)
    return row.facts()


async def count_late_objections(uow: UnitOfWork) -> dict[str, int]:
    """How many objections wait beyond their day (D19)."""
    return {"objection": await queries.count_overdue(uow)}


async def _objector(uow: UnitOfWork, caller: Principal, filing: Filing) -> UUID:
    by_officer = caller.role is Role.OFFICER
    if by_officer != (filing.person_id is not None) or by_officer == (filing.channel is Channel.APP):
        raise ObjectorNotNamed
    return await registered_person(uow, filing.person_id or caller.person)


async def _lock_on_notice(uow: UnitOfWork, notice_id: UUID, payout_id: UUID) -> PayoutFacts:
    locked = await lock_payouts(uow, [payout_id], against="a notice that ends while it is objected to")
    payout = locked.get(payout_id)
    if payout is None or payout.notice_id != notice_id or payout.status is not PayoutState.PUBLISHED:
        raise PayoutNotFound
    return payout


async def _lock(uow: UnitOfWork, caller: Principal, objection_id: UUID) -> tuple[Objection, PayoutFacts, Officer]:
    """The payout, then the objection, in the hands of an officer who has had none in it."""
    officer = await acting_officer(uow, caller)
    payout_id = await queries.payout_of(uow, caller, objection_id)
    payout = (await lock_payouts(uow, [payout_id], against="a step taken while its objection is decided"))[payout_id]
    row = (await uow.lock_rows(Objection, [objection_id], against="an objection decided twice"))[objection_id]
    row.facts().check_officer(officer.records)
    try:
        payout.check_not_beneficiary(officer.records)
    except SamePerson:
        raise ObjectionSamePerson from None
    return row, payout, officer
