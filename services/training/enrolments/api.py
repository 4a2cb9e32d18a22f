"""Enrolments over HTTP."""

from uuid import UUID

from fastapi import params

from services.training.classes.queries import read_class
from services.training.enrolments import queries, service
from services.training.enrolments.schemas import EnrolmentView, PresentedRow, ReasonBody
from services.training.enrolments.service import VoucherShown
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1", tag="enrolments")
READERS: params.Depends = Allow(Role.INSTITUTION, Role.OFFICER, Role.WORKER, Role.AUDITOR)


@router.post("/classes/{class_id}/enrolments", dependencies=[Allow(Role.INSTITUTION)])
async def enrol(class_id: UUID, body: BulkRequest[PresentedRow], uow: Uow, caller: Caller) -> BulkAnswer[EnrolmentView]:
    """Enrol holders who are present, each by the one-time code of his voucher; voucher then binds or refuses."""
    shown = [VoucherShown(row.presence_code, row.employer, row.school) for row in body.rows]
    outcomes = await service.enrol(uow, class_id, shown, uow.keys.presence, caller)
    return body.answer(outcomes, EnrolmentView.model_validate)


@router.get("/classes/{class_id}/enrolments", dependencies=[Allow(Role.INSTITUTION, Role.OFFICER, Role.AUDITOR)])
async def of_class(class_id: UUID, uow: Uow, caller: Caller, page: PageQuery) -> Page[EnrolmentView]:
    """The enrolments of a class."""
    await read_class(uow, class_id, caller)
    rows = await queries.list_enrolments(uow, caller, class_id=class_id, after=page.after_uuid, limit=page.fetch)
    return Page[EnrolmentView].of(rows, page, EnrolmentView.model_validate)


@router.get("/enrolments", dependencies=[READERS])
async def listing(uow: Uow, caller: Caller, page: PageQuery) -> Page[EnrolmentView]:
    """The caller's enrolments: a worker's own, an institution's, those in an officer's areas."""
    rows = await queries.list_enrolments(uow, caller, class_id=None, after=page.after_uuid, limit=page.fetch)
    return Page[EnrolmentView].of(rows, page, EnrolmentView.model_validate)


@router.get("/enrolments/{enrolment_id}", dependencies=[READERS])
async def show(enrolment_id: UUID, uow: Uow, caller: Caller) -> EnrolmentView:
    """One enrolment."""
    return EnrolmentView.model_validate(await queries.read_enrolment(uow, enrolment_id, caller))


@router.post(
    "/enrolments/{enrolment_id}/withdrawals",
    status_code=201,
    dependencies=[Allow(Role.INSTITUTION, Role.WORKER, Role.OFFICER)],
)
async def withdraw(enrolment_id: UUID, body: ReasonBody, uow: Uow, caller: Caller) -> EnrolmentView:
    """Withdraw before the first session counted; the voucher goes back to its holder."""
    return EnrolmentView.model_validate(await service.withdraw_one(uow, enrolment_id, body.reason_code, caller))


@router.post(
    "/enrolments/{enrolment_id}/expulsions", status_code=201, dependencies=[Allow(Role.INSTITUTION, Role.OFFICER)]
)
async def expel(enrolment_id: UUID, uow: Uow, caller: Caller) -> EnrolmentView:
    """Exclude a person from the class."""
    return EnrolmentView.model_validate(await service.expel_one(uow, enrolment_id, caller))
