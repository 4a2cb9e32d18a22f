"""The catalogue of training institutions over HTTP; reading it is public (§二(二)5)."""

from fastapi import params

from services.training.institutions import queries, service
from services.training.institutions.domain import InstitutionAction, InstitutionState
from services.training.institutions.schemas import ApplicationBody, InstitutionView, ReasonBody
from shared.contracts.fields import AreaCode
from shared.http import Allow, Caller, Page, PageQuery, Public, Role, Uow, api_router

router = api_router("/v1/institutions", tag="institutions")
OFFICERS: params.Depends = Allow(Role.OFFICER)


@router.post("", status_code=201, dependencies=[OFFICERS])
async def apply(body: ApplicationBody, uow: Uow, caller: Caller) -> InstitutionView:
    """Enter an institution's application; until it is listed it may be entered anew."""
    return InstitutionView.model_validate(await service.apply_institution(uow, body.application(), caller))


@router.get("", dependencies=[Public])
async def catalogue(
    uow: Uow, page: PageQuery, area: AreaCode | None = None, status: InstitutionState | None = None
) -> Page[InstitutionView]:
    """The catalogue, by credit code."""
    rows = await queries.list_institutions(uow, area=area, status=status, after=page.after, limit=page.fetch)
    return Page[InstitutionView].of(rows, page, InstitutionView.model_validate)


@router.get("/{credit_code}", dependencies=[Public])
async def show(credit_code: str, uow: Uow) -> InstitutionView:
    """One institution."""
    return InstitutionView.model_validate(await queries.read_institution(uow, credit_code))


@router.post("/{credit_code}/listings", status_code=201, dependencies=[OFFICERS])
async def put_on_catalogue(credit_code: str, uow: Uow, caller: Caller) -> InstitutionView:
    """Put an institution on the catalogue; another officer entered its application."""
    return InstitutionView.model_validate(await service.list_institution(uow, credit_code, caller))


@router.post("/{credit_code}/warnings", status_code=201, dependencies=[OFFICERS])
async def warn(credit_code: str, body: ReasonBody, uow: Uow, caller: Caller) -> InstitutionView:
    """Warn an institution."""
    return await _supervise(credit_code, InstitutionAction.WARN, body, uow, caller)


@router.post("/{credit_code}/suspensions", status_code=201, dependencies=[OFFICERS])
async def suspend(credit_code: str, body: ReasonBody, uow: Uow, caller: Caller) -> InstitutionView:
    """Suspend an institution: no new class, and trainees who have not begun are withdrawn."""
    return await _supervise(credit_code, InstitutionAction.SUSPEND, body, uow, caller)


@router.post("/{credit_code}/reinstatements", status_code=201, dependencies=[OFFICERS])
async def reinstate(credit_code: str, body: ReasonBody, uow: Uow, caller: Caller) -> InstitutionView:
    """End a warning or a suspension."""
    return await _supervise(credit_code, InstitutionAction.REINSTATE, body, uow, caller)


@router.post("/{credit_code}/removals", status_code=201, dependencies=[OFFICERS])
async def remove(credit_code: str, body: ReasonBody, uow: Uow, caller: Caller) -> InstitutionView:
    """Take an institution off the catalogue for good; its classes that have not begun are cancelled."""
    return await _supervise(credit_code, InstitutionAction.REMOVE, body, uow, caller)


async def _supervise(
    credit_code: str, action: InstitutionAction, body: ReasonBody, uow: Uow, caller: Caller
) -> InstitutionView:
    row = await service.supervise_institution(uow, credit_code, action, body.reason_code, caller)
    return InstitutionView.model_validate(row)
