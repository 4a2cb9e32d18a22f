"""Vouchers presented at a class over HTTP, and the enrolments that the class has."""

from uuid import UUID

from services.training.classes.domain import ClassNotFound
from services.training.classes.queries import see_class
from services.training.enrolments.domain import ClassFull, EnrolmentOverlaps, PresenceCodeUsed, VoucherAlreadyPresented
from services.training.enrolments.queries import list_enrolments
from services.training.enrolments.schemas import EnrolmentView
from services.training.institutions.domain import InstitutionNotActive, SkillNotInScope
from services.training.presentations import service
from services.training.presentations.domain import (
    ClassNotEnrolling,
    EnrolmentSkillDiffers,
    MandateForAnotherPayee,
    PayeeNotEmployer,
    PresenceCodeElsewhere,
    TrainerEnrols,
)
from services.training.presentations.schemas import EnrolHoldersRow
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.credit_code import CreditCodeInvalid
from shared.security import PresenceCodeExpired, PresenceCodeInvalid

router = api_router(
    "/v1/classes", tag="presentations", description="Vouchers presented in person at a class (登记验证)."
)

CLASS = Refuses(ClassNotFound, InstitutionNotActive, SkillNotInScope, ClassNotEnrolling)
ROWS = Refuses(
    PresenceCodeInvalid,
    PresenceCodeExpired,
    CreditCodeInvalid,
    PresenceCodeElsewhere,
    EnrolmentSkillDiffers,
    TrainerEnrols,
    MandateForAnotherPayee,
    PayeeNotEmployer,
    PresenceCodeUsed,
    VoucherAlreadyPresented,
    EnrolmentOverlaps,
    ClassFull,
)


@router.post("/{class_id}/enrolments", dependencies=[Allow(Role.INSTITUTION), CLASS, ROWS])
async def enrol_holders(
    class_id: UUID, body: BulkRequest[EnrolHoldersRow], uow: Uow, caller: Caller
) -> BulkAnswer[EnrolmentView]:
    """Enrol holders who are present, each by the one-time code of their voucher.

    The enrolments are requested until the voucher service binds the vouchers or refuses to.
    """
    presented = body.items(lambda row: row.presented(uow.keys.presence, uow.recorded_at))
    return body.answer(await service.enrol_holders(uow, class_id, presented, caller), EnrolmentView.model_validate)


@router.get(
    "/{class_id}/enrolments", dependencies=[Allow(Role.INSTITUTION, Role.OFFICER, Role.AUDITOR), Refuses(ClassNotFound)]
)
async def list_class_enrolments(class_id: UUID, uow: Uow, caller: Caller, page: PageQuery) -> Page[EnrolmentView]:
    """List the enrolments of a class."""
    await see_class(uow, class_id, caller)
    rows = await list_enrolments(uow, caller, class_id=class_id, after=page.after_uuid, limit=page.fetch)
    return Page[EnrolmentView].of(rows, page, EnrolmentView.model_validate)
