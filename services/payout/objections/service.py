"""Making objections and deciding them: to a notice, which freezes its payout at once, and to a final rejection."""

from uuid import UUID

from services.payout.claims.service import reopen_payout
from services.payout.holds.domain import HoldSource, Placement
from services.payout.holds.queries import held_because_of
from services.payout.notices.queries import get_current
from services.payout.objections import queries
from services.payout.objections.domain import (
    About,
    Channel,
    Filing,
    ObjectionAction,
    ObjectionFacts,
    ObjectionRules,
    ObjectionSamePerson,
    ObjectorNotNamed,
    ObjectorNotParty,
    Outcome,
    check_lodging,
)
from services.payout.objections.models import Objection
from services.payout.payouts.domain import ObjectionPeriod, PayoutFacts, PayoutNotFound, PayoutState, SamePerson
from services.payout.payouts.queries import find_payouts, lock_payouts, rejected_by
from services.payout.payouts.service import Officer, acting_officer, lift_holds, place_holds
from shared.kernel.actor import Actor, ActorKind
from shared.kernel.clock import business_date
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, rules_on
from shared.persons import records_of, registered_person
from shared.reference.calendar import working_days_after
from shared.security import AreaOutsideScope, Principal, Role

REASON = "objection"
UNNAMED = Actor(ActorKind.COMMAND, "payout.objection")
"""Who objects to a notice stands in the objection alone: no event names them, so that no payee learns it (D19)."""


async def file_objection(uow: UnitOfWork, caller: Principal, notice_id: UUID, filing: Filing) -> ObjectionFacts:
    """Somebody objects by real name to what a notice shows while it lasts; exactly that payout is frozen."""
    notice = await get_current(uow, notice_id)
    filed_by = await registered_person(uow, caller.person)
    objector = await _objector(uow, caller, filing)
    if caller.role is Role.OFFICER and not caller.covers(notice.area):
        raise AreaOutsideScope
    uow.actor = UNNAMED
    payout = await _lock_on_notice(uow, notice_id, filing.payout_id)
    row = await _row(uow, payout, filing, about=About.NOTICE, objector_id=objector, filed_by=filed_by)
    uow.create(row, ObjectionAction.FILE)
    await uow.session.flush()
    await place_holds(uow, [Placement(payout.id, HoldSource.OBJECTION, str(row.id), REASON)])
    return row.facts()


async def lodge_objection(uow: UnitOfWork, caller: Principal, filing: Filing) -> ObjectionFacts:
    """The holder or the payee objects to a final rejection, once and in time (R2, D27)."""
    filed_by = await registered_person(uow, caller.person)
    locked = await lock_payouts(uow, [filing.payout_id], against="a rejection that is objected to while it is made")
    payout = locked.get(filing.payout_id)
    if payout is None or not await _is_party(uow, caller, payout):
        raise PayoutNotFound
    objector = await _objector(uow, caller, filing)
    if caller.role is Role.OFFICER and objector not in await records_of(uow, [payout.person_id]):
        raise ObjectorNotParty
    period = await rules_on(uow, ObjectionPeriod, business_date(payout.entered_at))
    check_lodging(payout, payout.objection_until(period), uow.today)
    row = await _row(
        uow,
        payout,
        filing,
        about=About.REJECTION,
        objector_id=objector,
        organisation=caller.organisation if caller.role is Role.INSTITUTION else None,
        filed_by=filed_by,
    )
    uow.create(row, ObjectionAction.LODGE)
    await uow.session.flush()
    return row.facts()


async def rule_on_objection(
    uow: UnitOfWork, caller: Principal, objection_id: UUID, outcome: Outcome, reason_code: str
) -> ObjectionFacts:
    """A third officer decides: upheld opens another payout in the place of the rejected one, dismissed is the end (R2).

    The objection is locked before what openings lock; nobody who holds one of those waits for an objection.
    """
    officer = await acting_officer(uow, caller)
    payout_id = await queries.payout_of(uow, caller, objection_id)
    row = (await uow.lock_rows(Objection, [objection_id], against="two officers who decide at once"))[objection_id]
    rejected = (await find_payouts(uow, caller, [payout_id]))[payout_id]
    _check_officer(officer, row.facts(), rejected)
    if officer.records & await rejected_by(uow, payout_id):
        raise ObjectionSamePerson
    row.outcome, row.reason_code, row.decided_by = outcome, reason_code, officer.person_id
    uow.move(row, ObjectionAction.REOPEN if outcome is Outcome.UPHELD else ObjectionAction.CONFIRM)
    await uow.session.flush()
    if outcome is Outcome.UPHELD:
        await reopen_payout(uow, rejected)
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


async def _row(
    uow: UnitOfWork,
    payout: PayoutFacts,
    filing: Filing,
    *,
    about: About,
    objector_id: UUID,
    filed_by: UUID,
    organisation: str | None = None,
) -> Objection:
    rules = await rules_on(uow, ObjectionRules, uow.today)
    objection_id = uuid7()
    return Objection(
        id=objection_id,
        about=about,
        payout_id=payout.id,
        area=payout.area,
        objector_id=objector_id,
        organisation=organisation,
        filed_by=filed_by,
        channel=filing.channel,
        statement=uow.keys.fields.encrypt(filing.statement, table="objections", column="statement", row=objection_id),
        evidence_digest=filing.evidence_digest,
        due_on=working_days_after(uow.today, rules.objection_working_days),
    )


async def _is_party(uow: UnitOfWork, caller: Principal, payout: PayoutFacts) -> bool:
    """Whether the caller holds the voucher, would be paid, or is of the administration of the payout's area."""
    if caller.role is Role.WORKER:
        return payout.person_id in await records_of(uow, [caller.person])
    if caller.role is Role.INSTITUTION:
        return payout.payee_id == caller.organisation
    return caller.covers(payout.area)


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
    _check_officer(officer, row.facts(), payout)
    return row, payout, officer


def _check_officer(officer: Officer, objection: ObjectionFacts, payout: PayoutFacts) -> None:
    objection.check_officer(officer.records)
    try:
        payout.check_not_beneficiary(officer.records)
    except SamePerson:
        raise ObjectionSamePerson from None
