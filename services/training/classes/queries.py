"""Reading classes, within the caller's scope."""

from collections.abc import Collection, Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select, true

from services.training.class_sessions.domain import PlannedSession
from services.training.class_sessions.queries import SessionRow, sessions_of
from services.training.classes.domain import (
    UNSTARTED_STATES,
    Amendment,
    ClassAmendmentNotFound,
    ClassNotFound,
    ClassPlan,
    ClassState,
)
from services.training.classes.models import ClassContent, ClassReturn, TrainingClass
from services.training.enrolments.queries import classes_of_person
from services.training.institutions.queries import active_institutions
from shared.persistence import UnitOfWork
from shared.security import Principal, Role

ClassRow: TypeAlias = TrainingClass
"""A class's row, for rooms that may not see the table."""


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """The classes that the caller may know of (DOMAIN §4, 15); a worker, those open to choose and their own."""
    if caller.role is Role.INSTITUTION:
        return TrainingClass.institution == caller.organisation
    if caller.role is Role.WORKER:
        own = TrainingClass.id.in_(classes_of_person(caller.person))
        return (TrainingClass.status == ClassState.APPROVED) | own
    if caller.role in {Role.OFFICER, Role.AUDITOR}:
        return true() if caller.covers_city else TrainingClass.area.in_(caller.areas)
    return false()


async def see_class(uow: UnitOfWork, class_id: UUID, caller: Principal) -> TrainingClass:
    """One class of the caller's scope; `ClassNotFound` otherwise."""
    found = await uow.session.scalar(select(TrainingClass).where(TrainingClass.id == class_id, in_scope(caller)))
    if found is None:
        raise ClassNotFound
    return found


async def class_of(uow: UnitOfWork, class_id: UUID) -> TrainingClass:
    """The class of something that the caller was allowed to see."""
    return await uow.session.get_one(TrainingClass, class_id)


async def lock_class(uow: UnitOfWork, class_id: UUID, caller: Principal) -> TrainingClass:
    """One class of the caller's scope, locked; `ClassNotFound` otherwise."""
    await see_class(uow, class_id, caller)
    rows = await uow.lock_rows(TrainingClass, [class_id], against="two acts on one class, and enrolments while it ends")
    return rows[class_id]


async def lock_classes(uow: UnitOfWork, class_ids: Collection[UUID]) -> list[TrainingClass]:
    """Classes that are about to move for a reason that is not their own."""
    rows = await uow.lock_rows(TrainingClass, class_ids, against="an act on a class while the clock moves it")
    return list(rows.values())


async def list_classes(
    uow: UnitOfWork, caller: Principal, *, status: str | None, skill_code: str | None, after: UUID | None, limit: int
) -> list[TrainingClass]:
    """Classes of the caller's scope by id, of one status or skill if asked."""
    wanted = [in_scope(caller)]
    if status is not None:
        wanted.append(TrainingClass.status == status)
    if skill_code is not None:
        wanted.append(TrainingClass.skill_code == skill_code)
    if after is not None:
        wanted.append(TrainingClass.id > after)
    found = await uow.session.scalars(select(TrainingClass).where(*wanted).order_by(TrainingClass.id).limit(limit))
    return list(found)


async def sessions_shown(uow: UnitOfWork, row: TrainingClass) -> Sequence[SessionRow | PlannedSession]:
    """A class's sessions in order of time: those of the calendar, or of its plan until it is approved."""
    return await sessions_of(uow, [row.id]) or (await plan_in_force(uow, row)).sessions


async def last_return(uow: UnitOfWork, row: TrainingClass) -> str | None:
    """What the officer asked to be corrected, if the class waits for that."""
    if row.status not in {ClassState.RETURNED, ClassState.DRAFT}:
        return None
    returns = select(ClassReturn.reason).where(ClassReturn.class_id == row.id)
    return await uow.session.scalar(returns.order_by(ClassReturn.version.desc()).limit(1))


async def plan_in_force(uow: UnitOfWork, row: TrainingClass) -> ClassPlan:
    """The content of a class in the edition that is in force."""
    edition = await uow.session.get_one(ClassContent, (row.id, row.edition))
    return ClassPlan.of_content(edition.content)


async def last_edition(uow: UnitOfWork, class_id: UUID) -> int:
    """The number of the newest edition of a class's content, in force or not."""
    editions = select(func.max(ClassContent.edition)).where(ClassContent.class_id == class_id)
    return await uow.session.scalar(editions) or 0


async def get_amendment(uow: UnitOfWork, row: TrainingClass, edition: int) -> Amendment:
    """An edition that waits for approval: the newest of its class; `ClassAmendmentNotFound` otherwise."""
    found = await uow.session.get(ClassContent, (row.id, edition))
    if found is None or edition <= row.edition or edition != await last_edition(uow, row.id):
        raise ClassAmendmentNotFound
    before, after = await plan_in_force(uow, row), ClassPlan.of_content(found.content)
    changes = tuple(session for session in after.sessions if session not in before.sessions)
    return Amendment(edition, found.proposed_by, after, changes)


async def classes_to_start(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Approved classes whose time has come and whose institution is active."""
    return await _due(uow, TrainingClass.institution.in_(active_institutions()), limit)


async def classes_to_give_up(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Approved classes whose time has come while their institution is suspended or removed."""
    return await _due(uow, TrainingClass.institution.not_in(active_institutions()), limit)


async def _due(uow: UnitOfWork, which: ColumnElement[bool], limit: int) -> list[UUID]:
    statement = select(TrainingClass.id).where(
        TrainingClass.status == ClassState.APPROVED, TrainingClass.starts_at <= uow.now, which
    )
    return list(await uow.session.scalars(statement.order_by(TrainingClass.starts_at).limit(limit)))


async def classes_to_finish(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Running classes whose last session's planned time has passed."""
    statement = select(TrainingClass.id).where(
        TrainingClass.status == ClassState.RUNNING, TrainingClass.ends_at <= uow.now
    )
    return list(await uow.session.scalars(statement.order_by(TrainingClass.ends_at).limit(limit)))


async def open_classes_of(uow: UnitOfWork, institution: str) -> tuple[list[UUID], list[UUID]]:
    """Classes of an institution that have not begun, and those that run."""
    statement = select(TrainingClass.id, TrainingClass.status).where(
        TrainingClass.institution == institution,
        TrainingClass.status.in_([*UNSTARTED_STATES, ClassState.RUNNING]),
    )
    unstarted: list[UUID] = []
    running: list[UUID] = []
    for row in await uow.session.execute(statement):
        (running if row.status == ClassState.RUNNING else unstarted).append(row.id)
    return unstarted, running
