"""Supervision of institutions over HTTP."""

from services.training.institutions.domain import InstitutionAction, InstitutionNotFound
from services.training.institutions.schemas import InstitutionView
from services.training.supervision.schemas import SuperviseInstitutionRequest
from services.training.supervision.service import supervise_institution
from shared.contracts.fields import CreditCode
from shared.http import Allow, Caller, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState

router = api_router(
    "/v1/institutions/{credit_code}", tag="supervision", description="Daily supervision (日常监管) of institutions."
)
ACT = [Allow(Role.OFFICER), Refuses(InstitutionNotFound, WrongState)]


@router.post("/warnings", dependencies=ACT)
async def warn_institution(
    credit_code: CreditCode, body: SuperviseInstitutionRequest, uow: Uow, caller: Caller
) -> InstitutionView:
    """Warn an institution."""
    return await _supervise(credit_code, InstitutionAction.WARN, body, uow, caller)


@router.post("/suspensions", dependencies=ACT)
async def suspend_institution(
    credit_code: CreditCode, body: SuperviseInstitutionRequest, uow: Uow, caller: Caller
) -> InstitutionView:
    """Suspend an institution. It holds no new class, and trainees who have not begun are withdrawn."""
    return await _supervise(credit_code, InstitutionAction.SUSPEND, body, uow, caller)


@router.post("/reinstatements", dependencies=ACT)
async def reinstate_institution(
    credit_code: CreditCode, body: SuperviseInstitutionRequest, uow: Uow, caller: Caller
) -> InstitutionView:
    """End a warning or a suspension."""
    return await _supervise(credit_code, InstitutionAction.REINSTATE, body, uow, caller)


@router.post("/removals", dependencies=ACT)
async def remove_institution(
    credit_code: CreditCode, body: SuperviseInstitutionRequest, uow: Uow, caller: Caller
) -> InstitutionView:
    """Take an institution off the catalogue for good. Its classes are cancelled or stopped, and vouchers come back."""
    return await _supervise(credit_code, InstitutionAction.REMOVE, body, uow, caller)


async def _supervise(
    credit_code: CreditCode, action: InstitutionAction, body: SuperviseInstitutionRequest, uow: Uow, caller: Caller
) -> InstitutionView:
    row = await supervise_institution(uow, credit_code, action, body.reason_code, caller)
    return InstitutionView.model_validate(row)
