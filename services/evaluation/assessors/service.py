"""Naming assessors, and striking them off."""

from collections.abc import Sequence
from uuid import UUID

from services.evaluation.assessors import queries
from services.evaluation.assessors.domain import AssessorAction
from services.evaluation.assessors.models import Assessor, AssessorSkill
from services.evaluation.bodies import domain as bodies
from services.evaluation.bodies import queries as body_queries
from shared.kernel.errors import NotReceivedYet
from shared.persistence import UnitOfWork
from shared.persons import known_persons
from shared.reference.skills import check_skill_level
from shared.security import Principal


async def register_assessor(
    uow: UnitOfWork, body_id: str, person_id: UUID, skills: Sequence[tuple[str, int]]
) -> Assessor:
    """A listed body names a registered person as assessor of skills and levels; naming them again changes nothing.

    Another body may name the same person: one person stays one assessor.
    """
    body = await body_queries.lock_body(uow, body_id, against="a suspension, and the same name twice")
    bodies.check_listed(body.entry())
    if person_id not in await known_persons(uow, [person_id]):
        raise NotReceivedYet(noun="person")
    wanted = {(check_skill_level(code, level).code, level) for code, level in skills}
    known = await uow.lock_rows(Assessor, [person_id], against="two bodies that name one person")
    assessor = known.get(person_id)
    if assessor is None:
        assessor = Assessor(id=person_id, body=body.id, skills=_named(wanted, body.id))
        return uow.create(assessor, AssessorAction.REGISTER)
    further = wanted - {(skill.skill_code, skill.level) for skill in assessor.skills if skill.body == body.id}
    if further:
        assessor.skills.extend(_named(further, body.id))
        uow.move(assessor, AssessorAction.QUALIFY, body=body.id)
    return assessor


async def strike_off(uow: UnitOfWork, assessor_id: UUID, reason_code: str, officer: Principal) -> Assessor:
    """Strike an assessor off: nobody schedules them any more (DOMAIN §5: waving people through)."""
    await queries.see_assessor(uow, assessor_id, officer)
    assessor = (await uow.lock_rows(Assessor, [assessor_id], against="a session scheduled meanwhile"))[assessor_id]
    assessor.reason_code = reason_code
    uow.move(assessor, AssessorAction.STRIKE_OFF)
    return assessor


def _named(skills: set[tuple[str, int]], body_id: str) -> list[AssessorSkill]:
    return [AssessorSkill(skill_code=code, level=level, body=body_id) for code, level in sorted(skills)]
