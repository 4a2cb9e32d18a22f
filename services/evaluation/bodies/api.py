"""The assessment catalogue over HTTP. Everybody who signs in reads it; officers of a body's area change its entry."""

from typing import Annotated

from fastapi import Query

from services.evaluation.bodies import queries, service
from services.evaluation.bodies.domain import (
    BodyAlreadyListed,
    BodyKind,
    BodyNotFound,
    BodyProvinceCodeTaken,
    BodyScopeOutsideKind,
    BodyScopeOverlaps,
)
from services.evaluation.bodies.schemas import AddBodyRequest, AmendBodyScopeRequest, BodyEntryView, BodyReasonRequest
from shared.contracts.fields import CreditCode
from shared.http import Allow, Caller, Creates, KnownArea, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.credit_code import CreditCodeInvalid
from shared.kernel.lifecycle import WrongState
from shared.kernel.text import NameInvalid, NamePrivateUse
from shared.reference.areas import AreaUnknown
from shared.reference.skills import SkillLevelInvalid, SkillUnknown
from shared.security import AreaOutsideScope

router = api_router(
    "/v1/bodies",
    tag="bodies",
    description="The catalogue of assessing bodies (评价目录): which skills each may assess, and when, §二(二)5.",
)
READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.BODY, Role.OFFICER, Role.FINANCE, Role.AUDITOR, Role.PORTAL)
SCOPE = Refuses(SkillUnknown, SkillLevelInvalid, BodyScopeOutsideKind, BodyScopeOverlaps)
ENTRY = Refuses(
    CreditCodeInvalid,
    NameInvalid,
    NamePrivateUse,
    AreaUnknown,
    AreaOutsideScope,
    BodyAlreadyListed,
    BodyProvinceCodeTaken,
)
CHANGE = Refuses(BodyNotFound, WrongState)


@router.post("", dependencies=[Allow(Role.OFFICER), Creates("/v1/bodies/{id}"), ENTRY, SCOPE])
async def add_body(body: AddBodyRequest, uow: Uow, caller: Caller) -> BodyEntryView:
    """Put an assessing body into the catalogue. Its kind decides whom it may assess, its scope what."""
    return BodyEntryView.model_validate(await service.add_body(uow, body.listing(), caller))


@router.get("", dependencies=[READERS, Refuses(AreaUnknown)])
async def list_bodies(
    uow: Uow,
    page: PageQuery,
    kind: Annotated[BodyKind | None, Query()] = None,
    area: KnownArea | None = None,
) -> Page[BodyEntryView]:
    """List the assessing bodies of the catalogue by credit code, of one kind or area if it is named."""
    bodies = await queries.list_bodies(uow, page, kind=kind, area=area)
    return Page.of(bodies, page, BodyEntryView.model_validate)


@router.get("/{credit_code}", dependencies=[READERS, Refuses(BodyNotFound)])
async def get_body(credit_code: CreditCode, uow: Uow) -> BodyEntryView:
    """Read one assessing body's entry in the catalogue."""
    return BodyEntryView.model_validate(await queries.get_body(uow, credit_code))


@router.post("/{credit_code}/scope-amendments", dependencies=[Allow(Role.OFFICER), CHANGE, SCOPE])
async def amend_body_scope(
    credit_code: CreditCode, body: AmendBodyScopeRequest, uow: Uow, caller: Caller
) -> BodyEntryView:
    """Add lines to a body's scope, or end them. A line that starts on the day of a listed one sets its last day."""
    lines = [line.line() for line in body.scope]
    return BodyEntryView.model_validate(await service.amend_scope(uow, credit_code, lines, caller))


@router.post("/{credit_code}/suspensions", dependencies=[Allow(Role.OFFICER), CHANGE])
async def suspend_body(credit_code: CreditCode, body: BodyReasonRequest, uow: Uow, caller: Caller) -> BodyEntryView:
    """Suspend a body with problems. It schedules and confirms no assessment until it is reinstated."""
    return BodyEntryView.model_validate(await service.suspend_body(uow, credit_code, body.reason_code, caller))


@router.post("/{credit_code}/reinstatements", dependencies=[Allow(Role.OFFICER), CHANGE])
async def reinstate_body(credit_code: CreditCode, uow: Uow, caller: Caller) -> BodyEntryView:
    """End a body's suspension."""
    return BodyEntryView.model_validate(await service.reinstate_body(uow, credit_code, caller))


@router.post("/{credit_code}/removals", dependencies=[Allow(Role.OFFICER), CHANGE])
async def remove_body(credit_code: CreditCode, body: BodyReasonRequest, uow: Uow, caller: Caller) -> BodyEntryView:
    """Remove a body from the catalogue for good (动态退出). The certificates that it issued stay as they are."""
    return BodyEntryView.model_validate(await service.remove_body(uow, credit_code, body.reason_code, caller))
