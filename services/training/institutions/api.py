"""The catalogue of training institutions over HTTP; reading it is public (§二(二)5)."""

from fastapi import params

from services.training.institutions import queries, service
from services.training.institutions.domain import (
    CatalogueScopeInvalid,
    InstitutionNotFound,
    InstitutionSameOfficer,
    InstitutionState,
)
from services.training.institutions.schemas import ApplyInstitutionRequest, InstitutionView
from shared.contracts.fields import CreditCode
from shared.http import Allow, Caller, Creates, KnownArea, Page, PageQuery, Public, Refuses, Role, Uow, api_router
from shared.kernel.credit_code import CreditCodeInvalid
from shared.kernel.lifecycle import WrongState
from shared.kernel.text import NameInvalid, NamePrivateUse
from shared.reference.areas import AreaUnknown
from shared.reference.skills import SkillLevelInvalid, SkillUnknown

router = api_router(
    "/v1/institutions",
    tag="institutions",
    description="The catalogue of training institutions (目录); reading it is public.",
)
OFFICERS: params.Depends = Allow(Role.OFFICER)


@router.post(
    "",
    dependencies=[
        OFFICERS,
        Creates("/v1/institutions/{id}"),
        Refuses(
            CreditCodeInvalid,
            NameInvalid,
            NamePrivateUse,
            AreaUnknown,
            SkillUnknown,
            SkillLevelInvalid,
            CatalogueScopeInvalid,
            InstitutionNotFound,
            WrongState,
        ),
    ],
)
async def apply_institution(body: ApplyInstitutionRequest, uow: Uow, caller: Caller) -> InstitutionView:
    """Enter an institution's application. Until it is listed it may be entered anew."""
    return InstitutionView.model_validate(await service.apply_institution(uow, body.application(), caller))


@router.get("", dependencies=[Public, Refuses(AreaUnknown)])
async def list_institutions(
    uow: Uow, page: PageQuery, area: KnownArea | None = None, status: InstitutionState | None = None
) -> Page[InstitutionView]:
    """List the catalogue, by credit code."""
    rows = await queries.list_institutions(uow, area=area, status=status, after=page.after, limit=page.fetch)
    return Page[InstitutionView].of(rows, page, InstitutionView.model_validate)


@router.get("/{credit_code}", dependencies=[Public, Refuses(InstitutionNotFound)])
async def get_institution(credit_code: CreditCode, uow: Uow) -> InstitutionView:
    """Show an institution of the catalogue."""
    return InstitutionView.model_validate(await queries.get_institution(uow, credit_code))


@router.post(
    "/{credit_code}/listings",
    dependencies=[OFFICERS, Refuses(InstitutionNotFound, InstitutionSameOfficer, WrongState)],
)
async def put_institution_on_catalogue(credit_code: CreditCode, uow: Uow, caller: Caller) -> InstitutionView:
    """Put an institution on the catalogue. Another officer entered its application."""
    return InstitutionView.model_validate(await service.put_on_catalogue(uow, credit_code, caller))
