"""Classes over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, params

from services.training.class_sessions.domain import RoomBusy, TrainerBusy
from services.training.classes import queries, service
from services.training.classes.domain import (
    ClassActInvalid,
    ClassAlreadyBegun,
    ClassAmendmentInvalid,
    ClassAmendmentNotFound,
    ClassFiledTooLate,
    ClassHoursTooFew,
    ClassNotFound,
    ClassPayeeInvalid,
    ClassSamePerson,
    ClassSessionsInvalid,
    ClassSessionTimesInvalid,
    ClassState,
    ClassTooLarge,
    ClassTrainersInvalid,
)
from services.training.classes.queries import ClassRow
from services.training.classes.schemas import (
    MAX_EDITION,
    AmendClassRequest,
    AmendmentView,
    ClassDetailView,
    ClassView,
    DraftClassRequest,
    EndClassRequest,
    ReturnClassRequest,
)
from services.training.institutions.domain import (
    AreaNotInScope,
    InstitutionNotActive,
    InstitutionNotFound,
    SkillNotInScope,
)
from shared.contracts.fields import SkillCode
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.credit_code import CreditCodeInvalid
from shared.kernel.errors import NotReceivedYet
from shared.kernel.lifecycle import WrongState
from shared.persistence.dated import RuleMissing
from shared.reference.areas import AreaUnknown, WholeCityNoArea
from shared.reference.departments import DepartmentUnknown
from shared.reference.skills import SkillLevelInvalid, SkillUnknown

router = api_router(
    "/v1/classes", tag="classes", description="Classes: filed (开班备案), approved, amended, cancelled or stopped."
)
INSTITUTIONS: params.Depends = Allow(Role.INSTITUTION)
OFFICERS: params.Depends = Allow(Role.OFFICER)
READERS: params.Depends = Allow(Role.INSTITUTION, Role.OFFICER, Role.WORKER, Role.AUDITOR)
ACT = Refuses(ClassNotFound, WrongState)
PLAN = Refuses(
    SkillUnknown,
    SkillLevelInvalid,
    AreaUnknown,
    WholeCityNoArea,
    DepartmentUnknown,
    CreditCodeInvalid,
    ClassActInvalid,
    ClassPayeeInvalid,
    ClassSessionTimesInvalid,
    ClassSessionsInvalid,
    ClassTrainersInvalid,
    RuleMissing,
)
LISTED = Refuses(InstitutionNotActive, SkillNotInScope, AreaNotInScope)
CALENDAR = Refuses(TrainerBusy, RoomBusy)
SECOND_PERSON = Refuses(ClassSamePerson, NotReceivedYet)
AMENDED = Refuses(ClassAmendmentInvalid, ClassSessionTimesInvalid, ClassSessionsInvalid, ClassHoursTooFew, RuleMissing)
Edition = Annotated[int, Path(ge=1, le=MAX_EDITION)]


@router.post(
    "",
    dependencies=[INSTITUTIONS, Creates("/v1/classes/{id}"), PLAN, Refuses(InstitutionNotFound, InstitutionNotActive)],
)
async def draft_class(body: DraftClassRequest, uow: Uow, caller: Caller) -> ClassDetailView:
    """Write a class down. Its hours are computed from its sessions; it is filed by another act."""
    return await _detail(uow, await service.draft_class(uow, body.plan(caller.organisation)))


@router.get("", dependencies=[READERS])
async def list_classes(
    uow: Uow, caller: Caller, page: PageQuery, status: ClassState | None = None, skill_code: SkillCode | None = None
) -> Page[ClassView]:
    """List the classes of the caller's scope. A worker sees those open to choose and their own."""
    rows = await queries.list_classes(
        uow, caller, status=status, skill_code=skill_code, after=page.after_uuid, limit=page.fetch
    )
    return Page[ClassView].of(rows, page, ClassView.model_validate)


@router.get("/{class_id}", dependencies=[READERS, Refuses(ClassNotFound)])
async def get_class(class_id: UUID, uow: Uow, caller: Caller) -> ClassDetailView:
    """Show a class with its sessions."""
    return await _detail(uow, await queries.see_class(uow, class_id, caller))


@router.post("/{class_id}/drafts", dependencies=[INSTITUTIONS, PLAN, ACT])
async def redraft_class(class_id: UUID, body: DraftClassRequest, uow: Uow, caller: Caller) -> ClassDetailView:
    """Write a draft or a returned filing anew. The former content stays in its edition."""
    return await _detail(uow, await service.redraft_class(uow, class_id, body.plan(caller.organisation), caller))


@router.post(
    "/{class_id}/filings",
    dependencies=[
        INSTITUTIONS,
        ACT,
        LISTED,
        CALENDAR,
        Refuses(ClassTooLarge, ClassHoursTooFew, ClassFiledTooLate, RuleMissing),
    ],
)
async def file_class(class_id: UUID, uow: Uow, caller: Caller) -> ClassView:
    """File a class (开班备案). It waits for an officer of its area."""
    return ClassView.model_validate(await service.file_class(uow, class_id, caller))


@router.post(
    "/{class_id}/approvals", dependencies=[OFFICERS, ACT, LISTED, CALENDAR, SECOND_PERSON, Refuses(ClassAlreadyBegun)]
)
async def approve_class(class_id: UUID, uow: Uow, caller: Caller) -> ClassDetailView:
    """Approve a filing. The class takes enrolments; its sessions take trainers and rooms."""
    return await _detail(uow, await service.approve_class(uow, class_id, caller))


@router.post("/{class_id}/returns", dependencies=[OFFICERS, ACT])
async def return_class(class_id: UUID, body: ReturnClassRequest, uow: Uow, caller: Caller) -> ClassView:
    """Send a filing back to be corrected."""
    return ClassView.model_validate(await service.return_class(uow, class_id, body.reason, caller))


@router.post(
    "/{class_id}/amendments",
    dependencies=[INSTITUTIONS, Creates("/v1/classes/{class_id}/amendments/{edition}"), ACT, CALENDAR, AMENDED],
)
async def propose_amendment(class_id: UUID, body: AmendClassRequest, uow: Uow, caller: Caller) -> AmendmentView:
    """Propose to move planned sessions of an approved class. An officer decides."""
    changes = [change.planned() for change in body.changes]
    return AmendmentView.of(class_id, await service.propose_amendment(uow, class_id, changes, caller))


@router.get(
    "/{class_id}/amendments/{edition}",
    dependencies=[Allow(Role.INSTITUTION, Role.OFFICER, Role.AUDITOR), Refuses(ClassNotFound, ClassAmendmentNotFound)],
)
async def get_amendment(class_id: UUID, edition: Edition, uow: Uow, caller: Caller) -> AmendmentView:
    """Show an amendment that waits for approval."""
    row = await queries.see_class(uow, class_id, caller)
    return AmendmentView.of(class_id, await queries.get_amendment(uow, row, edition))


@router.post(
    "/{class_id}/amendments/{edition}/approvals",
    dependencies=[OFFICERS, ACT, CALENDAR, AMENDED, SECOND_PERSON, Refuses(ClassAmendmentNotFound)],
)
async def approve_amendment(class_id: UUID, edition: Edition, uow: Uow, caller: Caller) -> ClassDetailView:
    """Approve an amendment. It is in force at once."""
    return await _detail(uow, await service.approve_amendment(uow, class_id, edition, caller))


@router.post("/{class_id}/cancellations", dependencies=[Allow(Role.INSTITUTION, Role.OFFICER), ACT])
async def cancel_class(class_id: UUID, body: EndClassRequest, uow: Uow, caller: Caller) -> ClassView:
    """Cancel a class that has not begun. Everybody in it is withdrawn and gets their voucher back."""
    return ClassView.model_validate(await service.cancel_class(uow, class_id, body.reason_code, caller))


@router.post("/{class_id}/stops", dependencies=[OFFICERS, ACT])
async def stop_class(class_id: UUID, body: EndClassRequest, uow: Uow, caller: Caller) -> ClassView:
    """Stop a running class. Everybody in it is withdrawn and gets their voucher back."""
    return ClassView.model_validate(await service.stop_class(uow, class_id, body.reason_code, caller))


async def _detail(uow: Uow, row: ClassRow) -> ClassDetailView:
    return ClassDetailView.of(row, await queries.sessions_shown(uow, row), await queries.last_return(uow, row))
