"""Enrolments over HTTP."""

from uuid import UUID

from fastapi import params

from services.training.enrolments import queries, service
from services.training.enrolments.domain import EnrolmentNotFound
from services.training.enrolments.schemas import EnrolmentView, WithdrawEnrolmentRequest
from shared.http import Allow, Caller, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState

router = api_router("/v1/enrolments", tag="enrolments", description="Enrolments: a person's place in a class.")
READERS: params.Depends = Allow(Role.INSTITUTION, Role.OFFICER, Role.WORKER, Role.AUDITOR)


@router.get("", dependencies=[READERS])
async def list_enrolments(uow: Uow, caller: Caller, page: PageQuery) -> Page[EnrolmentView]:
    """List the caller's enrolments. They are a worker's own, an institution's, or those in an officer's areas."""
    rows = await queries.list_enrolments(uow, caller, class_id=None, after=page.after_uuid, limit=page.fetch)
    return Page[EnrolmentView].of(rows, page, EnrolmentView.model_validate)


@router.get("/{enrolment_id}", dependencies=[READERS, Refuses(EnrolmentNotFound)])
async def get_enrolment(enrolment_id: UUID, uow: Uow, caller: Caller) -> EnrolmentView:
    """Show an enrolment."""
    return EnrolmentView.model_validate(await queries.see_enrolment(uow, enrolment_id, caller))


@router.post(
    "/{enrolment_id}/withdrawals",
    dependencies=[Allow(Role.INSTITUTION, Role.WORKER, Role.OFFICER), Refuses(EnrolmentNotFound, WrongState)],
)
async def withdraw_enrolment(
    enrolment_id: UUID, body: WithdrawEnrolmentRequest, uow: Uow, caller: Caller
) -> EnrolmentView:
    """Withdraw an enrolment before its first session counted. The voucher goes back to its holder."""
    return EnrolmentView.model_validate(await service.withdraw_enrolment(uow, enrolment_id, body.reason_code, caller))


@router.post(
    "/{enrolment_id}/expulsions",
    dependencies=[Allow(Role.INSTITUTION, Role.OFFICER), Refuses(EnrolmentNotFound, WrongState)],
)
async def expel_person(enrolment_id: UUID, uow: Uow, caller: Caller) -> EnrolmentView:
    """Exclude a person from their class. Their seat stays taken."""
    return EnrolmentView.model_validate(await service.expel_person(uow, enrolment_id, caller))
