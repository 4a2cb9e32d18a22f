"""Classes over HTTP."""

from uuid import UUID

from fastapi import params

from services.training.class_sessions.queries import sessions_of
from services.training.classes import queries, service
from services.training.classes.domain import ClassState
from services.training.classes.queries import ClassRow
from services.training.classes.schemas import (
    AmendmentApprovalBody,
    AmendmentBody,
    AmendmentView,
    ClassBody,
    ClassDetail,
    ClassView,
    ReasonBody,
    ReturnBody,
    SessionView,
    planned_views,
)
from shared.contracts.fields import SkillCode
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/classes", tag="classes")
INSTITUTIONS: params.Depends = Allow(Role.INSTITUTION)
OFFICERS: params.Depends = Allow(Role.OFFICER)
READERS: params.Depends = Allow(Role.INSTITUTION, Role.OFFICER, Role.WORKER, Role.AUDITOR)


@router.post("", status_code=201, dependencies=[INSTITUTIONS])
async def draft(body: ClassBody, uow: Uow, caller: Caller) -> ClassDetail:
    """Write a class down."""
    return await _detail(uow, await service.draft_class(uow, body.plan(caller.organisation), caller))


@router.get("", dependencies=[READERS])
async def listing(
    uow: Uow, caller: Caller, page: PageQuery, status: ClassState | None = None, skill_code: SkillCode | None = None
) -> Page[ClassView]:
    """Classes of the caller's scope; a worker sees those open to choose and his own."""
    rows = await queries.list_classes(
        uow, caller, status=status, skill_code=skill_code, after=page.after_uuid, limit=page.fetch
    )
    return Page[ClassView].of(rows, page, ClassView.model_validate)


@router.get("/{class_id}", dependencies=[READERS])
async def show(class_id: UUID, uow: Uow, caller: Caller) -> ClassDetail:
    """One class with its sessions."""
    return await _detail(uow, await queries.read_class(uow, class_id, caller))


@router.post("/{class_id}/drafts", status_code=201, dependencies=[INSTITUTIONS])
async def redraft(class_id: UUID, body: ClassBody, uow: Uow, caller: Caller) -> ClassDetail:
    """Write a draft or a returned filing anew."""
    return await _detail(uow, await service.redraft_class(uow, class_id, body.plan(caller.organisation), caller))


@router.post("/{class_id}/filings", status_code=201, dependencies=[INSTITUTIONS])
async def file(class_id: UUID, uow: Uow, caller: Caller) -> ClassView:
    """File a class (开班备案)."""
    return ClassView.model_validate(await service.file_class(uow, class_id, caller))


@router.post("/{class_id}/approvals", status_code=201, dependencies=[OFFICERS])
async def approve(class_id: UUID, uow: Uow, caller: Caller) -> ClassDetail:
    """Approve a filing: the class takes enrolments."""
    return await _detail(uow, await service.approve_class(uow, class_id, caller))


@router.post("/{class_id}/returns", status_code=201, dependencies=[OFFICERS])
async def send_back(class_id: UUID, body: ReturnBody, uow: Uow, caller: Caller) -> ClassView:
    """Send a filing back to be corrected."""
    return ClassView.model_validate(await service.return_class(uow, class_id, body.reason, caller))


@router.post("/{class_id}/amendments", status_code=201, dependencies=[INSTITUTIONS])
async def amend(class_id: UUID, body: AmendmentBody, uow: Uow, caller: Caller) -> AmendmentView:
    """Propose to move planned sessions of an approved class."""
    changes = [change.planned() for change in body.changes]
    row, edition = await service.propose_amendment(uow, class_id, changes, caller)
    return AmendmentView(class_id=row.id, edition=edition)


@router.post("/{class_id}/amendment-approvals", status_code=201, dependencies=[OFFICERS])
async def approve_amendment(class_id: UUID, body: AmendmentApprovalBody, uow: Uow, caller: Caller) -> ClassDetail:
    """Approve an amendment: it is in force."""
    return await _detail(uow, await service.approve_amendment(uow, class_id, body.edition, caller))


@router.post("/{class_id}/cancellations", status_code=201, dependencies=[Allow(Role.INSTITUTION, Role.OFFICER)])
async def cancel(class_id: UUID, body: ReasonBody, uow: Uow, caller: Caller) -> ClassView:
    """Cancel a class that has not begun; everybody in it is withdrawn."""
    return ClassView.model_validate(await service.cancel_class(uow, class_id, body.reason_code, caller))


@router.post("/{class_id}/stops", status_code=201, dependencies=[OFFICERS])
async def stop(class_id: UUID, body: ReasonBody, uow: Uow, caller: Caller) -> ClassView:
    """Stop a running class; everybody in it is withdrawn."""
    return ClassView.model_validate(await service.stop_class(uow, class_id, body.reason_code, caller))


async def _detail(uow: Uow, row: ClassRow) -> ClassDetail:
    sessions = [SessionView.model_validate(one) for one in await sessions_of(uow, [row.id])]
    if not sessions:
        sessions = planned_views((await queries.plan_in_force(uow, row)).sessions)
    return ClassDetail(**ClassView.model_validate(row).model_dump(), sessions=sessions)
