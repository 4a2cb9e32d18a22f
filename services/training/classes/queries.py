"""Reading classes, within the caller's scope."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select, true

from services.training.classes.domain import AmendmentNotFound, ClassNotFound, ClassState
from services.training.classes.models import ClassContent, TrainingClass
from services.training.enrolments.domain import ClassFacts
from services.training.enrolments.queries import classes_of_person
from services.training.filings.domain import ClassPlan, plan_of
from services.training.institutions.queries import active_institutions
from shared.persistence import UnitOfWork
from shared.security import Principal, Role

ClassRow: TypeAlias = TrainingClass
"""A class's row, for rooms that may not see the table."""


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """The classes that the caller may know of (DOMAIN §4, 15); a worker, those open to choose and his own."""
    if caller.role is Role.INSTITUTION:
        return TrainingClass.institution == caller.organisation
    if caller.role is Role.WORKER:
        own = TrainingClass.id.in_(classes_of_person(caller.person))
        return (TrainingClass.status == ClassState.APPROVED) | own
    if caller.role in {Role.OFFICER, Role.AUDITOR}:
        return true() if caller.covers_city else TrainingClass.area.in_(caller.areas)
    return false()


async def read_class(uow: UnitOfWork, class_id: UUID, caller: Principal) -> TrainingClass:
    """One class of the caller's scope; `ClassNotFound` otherwise."""
    found = await uow.session.scalar(select(TrainingClass).where(TrainingClass.id == class_id, in_scope(caller)))
    if found is None:
        raise ClassNotFound
    return found


async def planned(uow: UnitOfWork, class_id: UUID) -> tuple[int, date]:
    """The planned minutes of a class, each day up to the cap, and its first day."""
    row = await uow.session.get_one(TrainingClass, class_id)
    return row.planned_minutes, row.starts_on


async def lock_class(uow: UnitOfWork, class_id: UUID, caller: Principal) -> TrainingClass:
    """One class of the caller's scope, locked; `ClassNotFound` otherwise."""
    await read_class(uow, class_id, caller)
    rows = await uow.lock_rows(TrainingClass, [class_id], against="two acts on one class, and enrolments while it ends")
    return rows[class_id]


async def lock_classes(uow: UnitOfWork, class_ids: Collection[UUID]) -> list[TrainingClass]:
    """Classes that the clock is about to move."""
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


async def plan_in_force(uow: UnitOfWork, found: TrainingClass) -> ClassPlan:
    """The content of a class in the edition that is in force."""
    row = await uow.session.get_one(ClassContent, (found.id, found.edition))
    return plan_of(row.content)


async def last_edition(uow: UnitOfWork, class_id: UUID) -> int:
    """The number of the newest edition of a class's content, in force or not."""
    return (
        await uow.session.scalar(select(func.max(ClassContent.edition)).where(ClassContent.class_id == class_id)) or 0
    )


async def proposed_amendment(uow: UnitOfWork, found: TrainingClass, edition: int) -> ClassContent:
    """An edition that waits for approval: the newest of its class; `AmendmentNotFound` otherwise."""
    row = await uow.session.get(ClassContent, (found.id, edition))
    if row is None or edition <= found.edition or edition != await last_edition(uow, found.id):
        raise AmendmentNotFound
    return row


def enrolment_facts(row: TrainingClass) -> ClassFacts:
    """What an enrolment takes from its class."""
    return ClassFacts(
        id=row.id,
        status=row.status,
        institution=row.institution,
        area=row.area,
        channel=row.channel,
        skill_code=row.skill_code,
        level=row.level,
        act=row.act,
        payee_kind=row.payee_kind,
        payee_id=row.payee_id,
        trainer_ids=frozenset(row.trainer_ids),
        starts_at=row.starts_at,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


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


async def running_past(uow: UnitOfWork, now: datetime, limit: int) -> list[UUID]:
    """Running classes whose last session's planned time has passed."""
    statement = select(TrainingClass.id).where(TrainingClass.status == ClassState.RUNNING, TrainingClass.ends_at <= now)
    return list(await uow.session.scalars(statement.order_by(TrainingClass.ends_at).limit(limit)))


async def unstarted_of_institution(uow: UnitOfWork, institution: str) -> Sequence[UUID]:
    """Classes of an institution that have not begun and not ended."""
    states = ("draft", "filed", "returned", "approved")
    statement = select(TrainingClass.id).where(
        TrainingClass.institution == institution, TrainingClass.status.in_(states)
    )
    return list(await uow.session.scalars(statement))
