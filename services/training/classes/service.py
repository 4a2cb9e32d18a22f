"""Drafting, filing, approving, amending, starting and ending classes (§二(二)6,7, §三(一))."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from services.training.class_sessions.domain import ClassSessionState, PlannedSession, check_free
from services.training.class_sessions.queries import bookings_about, lock_unclosed
from services.training.class_sessions.service import drop_sessions, move_sessions, plan_sessions
from services.training.classes import queries
from services.training.classes.domain import (
    Amendment,
    ClassAction,
    ClassPlan,
    ClassState,
    amended,
    check_filing,
    check_hours,
    check_not_begun,
    check_plan,
    check_second_person,
)
from services.training.classes.models import ClassContent, ClassReturn, TrainingClass
from services.training.enrolments.domain import LIVE_STATES, EnrolmentAction
from services.training.enrolments.queries import enrolments_of_classes
from services.training.enrolments.service import provide_seats, withdraw_enrolments
from services.training.institutions.domain import check_active, check_area, check_listed
from services.training.institutions.queries import share_institution
from services.training.rules.domain import Rules
from shared.kernel.errors import NotReceivedYet
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.persistence.dated import rules_on
from shared.persons import keep_merges_out, known_persons, natural_persons
from shared.security import Principal


async def draft_class(uow: UnitOfWork, plan: ClassPlan) -> TrainingClass:
    """The institution writes a class down (§二(二)6); it must be on the catalogue."""
    check_active(await share_institution(uow, plan.institution))
    check_plan(plan)
    rules = await rules_on(uow, Rules, uow.today)
    row = TrainingClass(id=uuid7(), institution=plan.institution)
    _put_in_force(row, 1, plan, rules)
    uow.create(row, ClassAction.DRAFT)
    await _keep_content(uow, row.id, 1, plan)
    return row


async def redraft_class(uow: UnitOfWork, class_id: UUID, plan: ClassPlan, caller: Principal) -> TrainingClass:
    """The institution writes a draft, or a returned filing, anew."""
    row = await queries.lock_class(uow, class_id, caller)
    check_plan(plan)
    _put_in_force(row, row.edition + 1, plan, await rules_on(uow, Rules, uow.today))
    uow.move(row, ClassAction.DRAFT)
    await _keep_content(uow, row.id, row.edition, plan)
    return row


async def file_class(uow: UnitOfWork, class_id: UUID, caller: Principal) -> TrainingClass:
    """The institution files the class (开班备案): listed for the skill on all its days, and as D18 demands."""
    row = await queries.lock_class(uow, class_id, caller)
    plan = await queries.plan_in_force(uow, row)
    await _check_listed(uow, plan)
    check_filing(plan, await rules_on(uow, Rules, uow.today), uow.today)
    await _check_free(uow, row.id, plan)
    row.filed_by, row.filed_at = caller.person_id, uow.now
    uow.move(row, ClassAction.FILE)
    return row


async def approve_class(uow: UnitOfWork, class_id: UUID, officer: Principal) -> TrainingClass:
    """The area's officer approves what was filed (§三(一)): it takes seats, and its sessions trainers and rooms."""
    row = await queries.lock_class(uow, class_id, officer)
    await _check_second_person(uow, row.filed_by, officer)
    plan = await queries.plan_in_force(uow, row)
    await _check_listed(uow, plan)
    check_not_begun(plan.starts_at, uow.now)
    await _check_trainers(uow, plan)
    row.approved_by, row.approved_at = officer.person, uow.now
    uow.move(row, ClassAction.APPROVE)
    provide_seats(uow, row.id, plan.seats)
    await plan_sessions(uow, row.id, plan.institution, plan.sessions)
    return row


async def return_class(uow: UnitOfWork, class_id: UUID, reason: str, officer: Principal) -> TrainingClass:
    """The officer sends a filing back, saying what is to be corrected."""
    row = await queries.lock_class(uow, class_id, officer)
    uow.move(row, ClassAction.RETURN)
    uow.session.add(ClassReturn(class_id=row.id, version=row.version, reason=reason))
    return row


async def propose_amendment(
    uow: UnitOfWork, class_id: UUID, changes: Sequence[PlannedSession], caller: Principal
) -> Amendment:
    """The institution asks to move planned sessions of an approved class."""
    row = await queries.lock_class(uow, class_id, caller)
    row.lifecycle.decide(row.status, ClassAction.AMEND)
    plan = await _amended(uow, row, changes, await rules_on(uow, Rules, row.starts_on))
    edition = await queries.last_edition(uow, row.id) + 1
    await _keep_content(uow, row.id, edition, plan)
    return await queries.get_amendment(uow, row, edition)


async def approve_amendment(uow: UnitOfWork, class_id: UUID, edition: int, officer: Principal) -> TrainingClass:
    """The officer approves an amendment of filed content (DOMAIN §3): its own approval, its own hash."""
    row = await queries.lock_class(uow, class_id, officer)
    amendment = await queries.get_amendment(uow, row, edition)
    await _check_second_person(uow, amendment.proposed_by, officer)
    rules = await rules_on(uow, Rules, row.starts_on)
    plan = await _amended(uow, row, amendment.changes, rules)
    await _check_trainers(uow, plan)
    _put_in_force(row, edition, plan, rules)
    uow.move(row, ClassAction.AMEND)
    await uow.session.flush()
    await move_sessions(uow, amendment.changes)
    return row


async def cancel_class(uow: UnitOfWork, class_id: UUID, reason_code: str, caller: Principal) -> TrainingClass:
    """A class that has not begun is cancelled; its enrolments are withdrawn, so that voucher unbinds."""
    row = await queries.lock_class(uow, class_id, caller)
    row.reason_code = reason_code
    uow.move(row, ClassAction.CANCEL)
    await _clear(uow, [row.id], "class_cancelled")
    return row


async def stop_class(uow: UnitOfWork, class_id: UUID, reason_code: str, officer: Principal) -> TrainingClass:
    """An officer stops a running class; nobody in it loses their voucher by that."""
    row = await queries.lock_class(uow, class_id, officer)
    row.reason_code = reason_code
    uow.move(row, ClassAction.STOP)
    await _clear(uow, [row.id], "class_stopped")
    return row


async def cancel_classes(uow: UnitOfWork, ids: Collection[UUID], reason_code: str) -> int:
    """Cancel classes that have not begun, for a reason that is not their own; answers how many."""
    return await _end(uow, ClassAction.CANCEL, ids, reason_code)


async def stop_classes(uow: UnitOfWork, ids: Collection[UUID], reason_code: str) -> int:
    """Stop running classes, for a reason that is not their own; answers how many. Nobody loses their voucher (R5)."""
    return await _end(uow, ClassAction.STOP, ids, reason_code)


async def _end(uow: UnitOfWork, action: ClassAction, ids: Collection[UUID], reason_code: str) -> int:
    await uow.lock_rows(TrainingClass, ids, against="an approval, a start or an end while the class is given up")
    moves = await uow.move_all(TrainingClass, action, ids, values={"reason_code": reason_code})
    await _clear(uow, [row.id for row in moves], reason_code)
    return len(moves)


async def start_classes(uow: UnitOfWork, ids: Collection[UUID]) -> int:
    """The time of approved classes has come; answers how many began."""
    await uow.lock_rows(TrainingClass, ids, against="an enrolment or a cancellation while the class begins")
    return len(await uow.move_all(TrainingClass, ClassAction.START, ids))


async def start_with_session(uow: UnitOfWork, row: TrainingClass) -> None:
    """A locked, approved class begins with its first session, without waiting for the clock's turn."""
    if row.status != ClassState.APPROVED:
        return
    check_active(await share_institution(uow, row.institution))
    uow.move(row, ClassAction.START)
    await uow.session.flush()


async def finish_classes(uow: UnitOfWork, ids: Collection[UUID]) -> list[TrainingClass]:
    """The last sessions of locked, running classes are over and closed; answers the classes that finished."""
    return (await uow.move_all(TrainingClass, ClassAction.FINISH, ids)).rows


async def _clear(uow: UnitOfWork, class_ids: Collection[UUID], reason_code: str) -> None:
    """Withdraw all that is open in these classes and give back trainers and rooms."""
    await drop_sessions(uow, await lock_unclosed(uow, class_ids))
    ids = await enrolments_of_classes(uow, class_ids, LIVE_STATES)
    await withdraw_enrolments(uow, dict.fromkeys(ids, reason_code), action=EnrolmentAction.UNSEAT)


async def _check_second_person(uow: UnitOfWork, filed_by: UUID | None, officer: Principal) -> None:
    """Two natural persons: two records of one person are one."""
    if filed_by is None:
        return
    await keep_merges_out(uow)
    natural = await natural_persons(uow, {filed_by, officer.person})
    check_second_person(natural[filed_by], natural[officer.person])


async def _check_listed(uow: UnitOfWork, plan: ClassPlan) -> None:
    institution = await share_institution(uow, plan.institution)
    check_listed(institution, plan.skill_code, plan.level, plan.starts_on, plan.ends_on)
    check_area(institution, plan.area)


async def _check_trainers(uow: UnitOfWork, plan: ClassPlan) -> None:
    """`NotReceivedYet` unless every trainer is registered like everybody (§二(二)6), as one record of that person."""
    known = await known_persons(uow, plan.trainer_ids)
    if any(trainer not in known or known[trainer].survivor_id for trainer in plan.trainer_ids):
        raise NotReceivedYet(noun="trainer")


async def _check_free(uow: UnitOfWork, class_id: UUID, plan: ClassPlan) -> None:
    bookings = await bookings_about(uow, plan.institution, plan.sessions, but=class_id)
    check_free(plan.institution, plan.sessions, bookings)


async def _amended(uow: UnitOfWork, row: TrainingClass, changes: Sequence[PlannedSession], rules: Rules) -> ClassPlan:
    """The plan in force with these changes, which meet the rules and no other class."""
    unclosed = await lock_unclosed(uow, [row.id])
    movable = frozenset(session.id for session in unclosed if session.status == ClassSessionState.PLANNED)
    plan = amended(await queries.plan_in_force(uow, row), changes, movable, uow.now)
    check_hours(plan, rules)
    await _check_free(uow, row.id, plan)
    return plan


def _put_in_force(row: TrainingClass, edition: int, plan: ClassPlan, rules: Rules) -> None:
    """Set the edition and its columns together: the database lets them change only so."""
    planned_minutes = plan.planned_minutes(rules)
    columns: dict[str, Any] = {
        "edition": edition,
        "trainer_ids": list(plan.trainer_ids),
        "planned_minutes": planned_minutes,
        "class_hours": rules.class_hours(planned_minutes),
        "content_digest": plan.digest(),
    }
    same = ("area", "department", "channel", "form", "act", "skill_code", "level", "payee_kind", "payee_id", "seats")
    for name in (*same, "starts_at", "ends_at", "starts_on", "ends_on"):
        columns[name] = getattr(plan, name)
    for name, value in columns.items():
        setattr(row, name, value)


async def _keep_content(uow: UnitOfWork, class_id: UUID, edition: int, plan: ClassPlan) -> None:
    await uow.session.flush()
    actor = uow.acting
    uow.session.add(
        ClassContent(
            class_id=class_id,
            edition=edition,
            content=plan.content(),
            digest=plan.digest(),
            proposed_by=actor.person_id,
            account=actor.id,
            proposed_at=uow.now,
        )
    )
