"""Assessors over HTTP."""

from uuid import UUID

from services.evaluation.assessors import queries, service
from services.evaluation.assessors.domain import AssessorNotFound
from services.evaluation.assessors.schemas import AssessorView, RegisterAssessorRequest, StrikeOffAssessorRequest
from services.evaluation.bodies.domain import BodyNotFound, BodyNotListed
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.errors import NotReceivedYet
from shared.kernel.lifecycle import WrongState
from shared.reference.skills import SkillLevelInvalid, SkillUnknown

router = api_router(
    "/v1/assessors",
    tag="assessors",
    description="Assessors (考评员): the people whom bodies name, each for certain skills.",
)
READERS = Allow(Role.WORKER, Role.BODY, Role.OFFICER, Role.AUDITOR)
NAMING = Refuses(BodyNotFound, BodyNotListed, NotReceivedYet, SkillUnknown, SkillLevelInvalid, WrongState)


@router.post("", dependencies=[Allow(Role.BODY), Creates("/v1/assessors/{id}"), NAMING])
async def register_assessor(body: RegisterAssessorRequest, uow: Uow, caller: Caller) -> AssessorView:
    """Name a registered person as assessor of skills and levels.

    Naming them again changes nothing; another body may name the same person, who stays one assessor.
    """
    skills = [(skill.skill_code, skill.level) for skill in body.skills]
    assessor = await service.register_assessor(uow, caller.organisation, body.person_id, skills)
    return AssessorView.model_validate(assessor)


@router.get("", dependencies=[READERS])
async def list_assessors(uow: Uow, page: PageQuery, caller: Caller) -> Page[AssessorView]:
    """List the assessors whom the caller may see: their own entry, those of their body, those of their areas."""
    return Page.of(await queries.list_assessors(uow, page, caller), page, AssessorView.model_validate)


@router.get("/{assessor_id}", dependencies=[READERS, Refuses(AssessorNotFound)])
async def get_assessor(assessor_id: UUID, uow: Uow, caller: Caller) -> AssessorView:
    """Read one assessor's entry with the skills that they may assess."""
    return AssessorView.model_validate(await queries.see_assessor(uow, assessor_id, caller))


@router.post("/{assessor_id}/strike-offs", dependencies=[Allow(Role.OFFICER), Refuses(AssessorNotFound, WrongState)])
async def strike_off_assessor(
    assessor_id: UUID, body: StrikeOffAssessorRequest, uow: Uow, caller: Caller
) -> AssessorView:
    """Strike an assessor off for good. Nobody schedules them any more."""
    return AssessorView.model_validate(await service.strike_off(uow, assessor_id, body.reason_code, caller))
