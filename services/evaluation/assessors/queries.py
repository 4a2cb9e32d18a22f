"""Reading the assessors. A body sees those it named, officers those named in their areas."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, true

from services.evaluation.assessors.domain import AssessorNotFound, AssessorState
from services.evaluation.assessors.models import Assessor, AssessorSkill
from services.evaluation.bodies.queries import ids_in_areas
from shared.http import PageRequest
from shared.persistence import UnitOfWork
from shared.security import Principal, Role


def seen_by(caller: Principal) -> ColumnElement[bool]:
    """Which assessors the caller may see: their own entry, those of their body, those of their areas' bodies."""
    named = select(AssessorSkill.assessor_id).where(AssessorSkill.assessor_id == Assessor.id)
    if caller.role in (Role.OFFICER, Role.AUDITOR) and caller.covers_city:
        return true()
    if caller.role in (Role.OFFICER, Role.AUDITOR):
        return exists(named.where(AssessorSkill.body.in_(ids_in_areas(caller.areas))))
    if caller.role is Role.BODY:
        return exists(named.where(AssessorSkill.body == caller.organisation))
    return Assessor.id == caller.person


async def see_assessor(uow: UnitOfWork, assessor_id: UUID, caller: Principal) -> Assessor:
    """An assessor whom the caller may see; `AssessorNotFound` otherwise."""
    statement = select(Assessor).where(Assessor.id == assessor_id, seen_by(caller))
    found = (await uow.session.scalars(statement)).one_or_none()
    if found is None:
        raise AssessorNotFound
    return found


async def list_assessors(uow: UnitOfWork, page: PageRequest, caller: Principal) -> Sequence[Assessor]:
    """One page of the assessors whom the caller may see, by id."""
    statement = select(Assessor).where(seen_by(caller)).order_by(Assessor.id).limit(page.fetch)
    if page.after_uuid is not None:
        statement = statement.where(Assessor.id > page.after_uuid)
    return list(await uow.session.scalars(statement))


async def qualified(uow: UnitOfWork, ids: Iterable[UUID], skill_code: str, level: int) -> Collection[UUID]:
    """Those of `ids` who may assess the skill at the level."""
    statement = (
        select(Assessor.id)
        .join(AssessorSkill, AssessorSkill.assessor_id == Assessor.id)
        .where(
            Assessor.id.in_(set(ids)),
            Assessor.status == AssessorState.REGISTERED,
            AssessorSkill.skill_code == skill_code,
            AssessorSkill.level == level,
        )
    )
    return set(await uow.session.scalars(statement))


async def vouched_for(uow: UnitOfWork, ids: Iterable[UUID], body: str) -> Collection[UUID]:
    """Those of `ids` whom the body has itself named as assessors, of whatever skill."""
    statement = select(AssessorSkill.assessor_id).where(
        AssessorSkill.assessor_id.in_(set(ids)), AssessorSkill.body == body
    )
    return set(await uow.session.scalars(statement))
