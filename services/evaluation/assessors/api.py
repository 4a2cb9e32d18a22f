"""Assessors over HTTP."""

from uuid import UUID

from services.evaluation.assessors import queries, service
from services.evaluation.assessors.schemas import AssessorRequest, AssessorView, StrikeOffRequest
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/assessors", tag="assessors")
READERS = Allow(Role.WORKER, Role.BODY, Role.OFFICER, Role.AUDITOR)


@router.post("", status_code=201, dependencies=[Allow(Role.BODY)])
async def register_assessor(body: AssessorRequest, uow: Uow, caller: Caller) -> AssessorView:
    """Name a person as assessor of skills."""
    skills = [(skill.skill_code, skill.level) for skill in body.skills]
    assessor = await service.register_assessor(uow, caller.organisation, body.person_id, skills)
    return AssessorView.model_validate(assessor)


@router.get("", dependencies=[READERS])
async def list_assessors(uow: Uow, page: PageQuery, caller: Caller) -> Page[AssessorView]:
    """The assessors whom the caller may see."""
    return Page.of(await queries.list_assessors(uow, page, caller), page, AssessorView.model_validate)


@router.get("/{assessor_id}", dependencies=[READERS])
async def get_assessor(assessor_id: UUID, uow: Uow, caller: Caller) -> AssessorView:
    """An assessor with the skills that they may assess."""
    return AssessorView.model_validate(await queries.get_assessor(uow, assessor_id, caller))


@router.post("/{assessor_id}/strike-offs", dependencies=[Allow(Role.OFFICER)])
async def strike_off_assessor(assessor_id: UUID, body: StrikeOffRequest, uow: Uow, caller: Caller) -> AssessorView:
    """Strike an assessor off."""
    return AssessorView.model_validate(await service.strike_off(uow, assessor_id, body.reason_code, caller))
