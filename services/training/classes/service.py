"""Drafting, filing, approving, amending, starting and ending classes (§二(二)6,7, §三(一))."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.training.class_sessions.queries import lock_unclosed, meeting_sessions
from services.training.class_sessions.service import drop_sessions, move_sessions, plan_sessions
from services.training.classes import queries
from services.training.classes.domain import (
    ClassAction,
    ClassState,
    TrainerUnknown,
    check_not_begun,
    check_second_person,
)
from services.training.classes.models import ClassAct, ClassContent, TrainingClass
from services.training.enrolments.domain import LIVE_STATES, EnrolmentAction
from services.training.enrolments.queries import enrolments_of_classes
from services.training.enrolments.service import provide_seats, withdraw_enrolments
from services.training.filings.domain import (
    ClassPlan,
    PlannedSession,
    amended,
    check_conflicts,
    check_filing,
    check_hours,
    check_plan,
    plan_of,
)
from services.training.institutions.domain import check_active, check_listed
from services.training.institutions.queries import share_institution
from services.training.person_facts.queries import known_people, same_people
from services.training.rules.domain import Rules
from services.training.rules.queries import rules_on
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.security import Principal


async def draft_class(uow: UnitOfWork, plan: ClassPlan, caller: Principal) -> TrainingClass:
    """The institution writes a class down (§二(二)6); it must be on the catalogue."""
    check_active(await share_institution(uow, plan.institution))
    check_plan(plan)
    rules = await rules_on(uow, uow.today)
    row = TrainingClass(id=uuid7(), institution=plan.institution, edition=1, **_columns(plan, rules))
    uow.create(row, ClassAction.DRAFT)
    await _remember(uow, row, ClassAction.DRAFT)
    _write_down(uow, row.id, 1, plan, caller)
    return row


async def redraft_class(uow: UnitOfWork, class_id: UUID, plan: ClassPlan, caller: Principal) -> TrainingClass:
    """The institution writes a draft, or a returned filing, anew."""
    row = await queries.lock_class(uow, class_id, caller)
    check_plan(plan)
    columns = _columns(plan, await rules_on(uow, uow.today))
    _put_in_force(row, row.edition + 1, columns)
    uow.move(row, ClassAction.DRAFT)
    await _remember(uow, row, ClassAction.DRAFT)
    _write_down(uow, row.id, row.edition, plan, caller)
    return row


async def file_class(uow: UnitOfWork, class_id: UUID, caller: Principal) -> TrainingClass:
    """The institution files the class (开班备案): listed for the skill on all its days, and as D18 demands."""
    row = await queries.lock_class(uow, class_id, caller)
    plan = await queries.plan_in_force(uow, row)
    await _check_listed(uow, plan)
    check_filing(plan, await rules_on(uow, uow.today), uow.today)
    await _check_conflicts(uow, plan, row.id)
    row.filed_by, row.filed_at = caller.person_id, uow.now
    uow.move(row, ClassAction.FILE)
    return await _remember(uow, row, ClassAction.FILE)


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
    await _remember(uow, row, ClassAction.APPROVE)
    provide_seats(uow, row.id, plan.seats)
    await plan_sessions(uow, row.id, plan.institution, plan.sessions)
    return row


async def return_class(uow: UnitOfWork, class_id: UUID, reason: str, officer: Principal) -> TrainingClass:
    """The officer sends a filing back, saying what is to be corrected."""
    row = await queries.lock_class(uow, class_id, officer)
    uow.move(row, ClassAction.RETURN)
    return await _remember(uow, row, ClassAction.RETURN, reason)


async def propose_amendment(
    uow: UnitOfWork, class_id: UUID, changes: Sequence[PlannedSession], caller: Principal
) -> tuple[TrainingClass, int]:
    """The institution asks to move planned sessions of an approved class; answers the edition to be approved."""
    row = await queries.lock_class(uow, class_id, caller)
    row.lifecycle.decide(row.status, ClassAction.AMEND)
    plan = await _amended(uow, row, changes)
    edition = await queries.last_edition(uow, row.id) + 1
    _write_down(uow, row.id, edition, plan, caller)
    return row, edition


async def approve_amendment(uow: UnitOfWork, class_id: UUID, edition: int, officer: Principal) -> TrainingClass:
    """The officer approves an amendment of filed content (DOMAIN §3): its own approval, its own hash."""
    row = await queries.lock_class(uow, class_id, officer)
    proposed = await queries.proposed_amendment(uow, row, edition)
    await _check_second_person(uow, proposed.proposed_by, officer)
    before, after = await queries.plan_in_force(uow, row), plan_of(proposed.content)
    moved = [session for session in after.sessions if session not in before.sessions]
    plan = await _amended(uow, row, moved)
    await _check_trainers(uow, plan)
    columns = _columns(plan, await rules_on(uow, row.starts_on))
    _put_in_force(row, edition, columns)
    uow.move(row, ClassAction.AMEND)
    await _remember(uow, row, ClassAction.AMEND)
    await move_sessions(uow, moved)
    return row


async def cancel_class(uow: UnitOfWork, class_id: UUID, reason_code: str, caller: Principal) -> TrainingClass:
    """A class that has not begun is cancelled; its enrolments are withdrawn, so that voucher unbinds."""
    row = await queries.lock_class(uow, class_id, caller)
    uow.move(row, ClassAction.CANCEL)
    await _remember(uow, row, ClassAction.CANCEL, reason_code)
    await _clear(uow, [row.id], "class_cancelled")
    return row


async def stop_class(uow: UnitOfWork, class_id: UUID, reason_code: str, officer: Principal) -> TrainingClass:
    """An officer stops a running class; nobody in it loses his voucher by that."""
    row = await queries.lock_class(uow, class_id, officer)
    uow.move(row, ClassAction.STOP)
    await _remember(uow, row, ClassAction.STOP, reason_code)
    await _clear(uow, [row.id], "class_stopped")
    return row


async def cancel_classes(uow: UnitOfWork, ids: Collection[UUID], reason_code: str) -> int:
    """Cancel classes that have not begun, for a reason that is not their own; answers how many."""
    await uow.lock_rows(TrainingClass, ids, against="an approval or a start while the class is cancelled")
    moves = await uow.move_all(TrainingClass, ClassAction.CANCEL, ids)
    for row in moves:
        await _remember(uow, row, ClassAction.CANCEL, reason_code)
    await _clear(uow, [row.id for row in moves], reason_code)
    return len(moves)


async def start_classes(uow: UnitOfWork, ids: Collection[UUID]) -> int:
    """The time of approved classes has come; answers how many began."""
    await uow.lock_rows(TrainingClass, ids, against="an enrolment or a cancellation while the class begins")
    moves = await uow.move_all(TrainingClass, ClassAction.START, ids)
    return len(moves)


async def start_with_session(uow: UnitOfWork, row: TrainingClass) -> None:
    """A locked, approved class begins with its first session, without waiting for the clock's turn."""
    if row.status != ClassState.APPROVED:
        return
    check_active(await share_institution(uow, row.institution))
    uow.move(row, ClassAction.START)
    await uow.session.flush()


async def finish_classes(uow: UnitOfWork, ids: Collection[UUID]) -> list[TrainingClass]:
    """The last sessions of locked, running classes are over and closed."""
    moves = await uow.move_all(TrainingClass, ClassAction.FINISH, ids)
    return moves.rows


async def verify_class(uow: UnitOfWork, row: TrainingClass) -> TrainingClass:
    """An officer has checked the finished class; the row is locked."""
    uow.move(row, ClassAction.VERIFY)
    return await _remember(uow, row, ClassAction.VERIFY)


async def _clear(uow: UnitOfWork, class_ids: Collection[UUID], reason_code: str) -> None:
    """Withdraw all that is open in these classes and give back trainers and rooms."""
    await drop_sessions(uow, await lock_unclosed(uow, class_ids))
    ids = await enrolments_of_classes(uow, class_ids, LIVE_STATES)
    await withdraw_enrolments(uow, dict.fromkeys(ids, reason_code), action=EnrolmentAction.UNSEAT)


async def _check_second_person(uow: UnitOfWork, filed_by: UUID | None, officer: Principal) -> None:
    """Two natural persons: two records of one person are one."""
    natural = await same_people(uow, {officer.person} if filed_by is None else {filed_by, officer.person})
    check_second_person(natural[filed_by] if filed_by else None, natural[officer.person])


async def _check_listed(uow: UnitOfWork, plan: ClassPlan) -> None:
    institution = await share_institution(uow, plan.institution)
    check_listed(institution, plan.skill_code, plan.level, plan.starts_on, plan.ends_on)


async def _check_trainers(uow: UnitOfWork, plan: ClassPlan) -> None:
    """`TrainerUnknown` unless every trainer is a registered person (§二(二)6)."""
    if not await known_people(uow, plan.trainer_ids) >= set(plan.trainer_ids):
        raise TrainerUnknown


async def _check_conflicts(uow: UnitOfWork, plan: ClassPlan, class_id: UUID) -> None:
    windows = [session.window for session in plan.sessions]
    trainers = {session.trainer_id for session in plan.sessions}
    taken = await meeting_sessions(uow, windows, trainers=trainers, institution=plan.institution, but=class_id)
    check_conflicts(plan, taken)


async def _amended(uow: UnitOfWork, row: TrainingClass, changes: Sequence[PlannedSession]) -> ClassPlan:
    movable = frozenset(session.id for session in await lock_unclosed(uow, [row.id]) if session.status == "planned")
    plan = amended(await queries.plan_in_force(uow, row), changes, movable, uow.now)
    check_hours(plan, await rules_on(uow, row.starts_on))
    await _check_conflicts(uow, plan, row.id)
    return plan


def _columns(plan: ClassPlan, rules: Rules) -> dict[str, Any]:
    planned_minutes = plan.planned_minutes(rules)
    same = ("area", "department", "channel", "form", "act", "skill_code", "level", "payee_kind", "payee_id", "seats")
    return {
        **{name: getattr(plan, name) for name in same},
        "trainer_ids": list(plan.trainer_ids),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "planned_minutes": planned_minutes,
        "class_hours": rules.class_hours(planned_minutes),
        "content_digest": plan.digest(),
    }


def _put_in_force(row: TrainingClass, edition: int, columns: Mapping[str, Any]) -> None:
    """Set the edition and its columns together: the database lets them change only so."""
    row.edition = edition
    for name, value in columns.items():
        setattr(row, name, value)


def _write_down(uow: UnitOfWork, class_id: UUID, edition: int, plan: ClassPlan, caller: Principal) -> None:
    uow.session.add(
        ClassContent(
            class_id=class_id,
            edition=edition,
            content=plan.content(),
            digest=plan.digest(),
            proposed_by=caller.person_id,
            account=caller.account,
            proposed_at=uow.now,
        )
    )


async def _remember(uow: UnitOfWork, row: TrainingClass, action: ClassAction, reason: str = "") -> TrainingClass:
    """Write down who did it and why."""
    await uow.session.flush()
    actor = uow.acting
    uow.session.add(
        ClassAct(
            class_id=row.id,
            version=row.version,
            action=str(action),
            reason=reason,
            person_id=actor.person_id,
            account=actor.id,
            acted_at=uow.now,
        )
    )
    return row
