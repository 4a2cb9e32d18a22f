"""The assessment catalogue over HTTP. Everybody who signs in reads it; officers of a body's area change its entry."""

from typing import Annotated

from fastapi import Query

from services.evaluation.bodies import queries, service
from services.evaluation.bodies.domain import BodyKind
from services.evaluation.bodies.schemas import BodyRequest, BodyView, ReasonRequest, ScopeAmendmentRequest
from shared.contracts.fields import AreaCode
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/bodies", tag="bodies")
READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.BODY, Role.OFFICER, Role.FINANCE, Role.AUDITOR, Role.PORTAL)


@router.post("", status_code=201, dependencies=[Allow(Role.OFFICER)])
async def add_body(body: BodyRequest, uow: Uow, caller: Caller) -> BodyView:
    """Put a body into the catalogue."""
    return BodyView.model_validate(await service.add_body(uow, body.listing(), caller))


@router.get("", dependencies=[READERS])
async def list_bodies(
    uow: Uow,
    page: PageQuery,
    kind: Annotated[BodyKind | None, Query()] = None,
    area: Annotated[AreaCode | None, Query()] = None,
) -> Page[BodyView]:
    """The catalogue, by credit code."""
    bodies = await queries.list_bodies(uow, page, kind=kind, area=area)
    return Page.of(bodies, page, BodyView.model_validate)


@router.get("/{credit_code}", dependencies=[READERS])
async def get_body(credit_code: str, uow: Uow) -> BodyView:
    """One entry."""
    return BodyView.model_validate(await queries.get_body(uow, credit_code))


@router.post("/{credit_code}/scope-amendments", dependencies=[Allow(Role.OFFICER)])
async def amend_body_scope(credit_code: str, body: ScopeAmendmentRequest, uow: Uow, caller: Caller) -> BodyView:
    """Add or end lines of the scope."""
    lines = [line.line() for line in body.scope]
    return BodyView.model_validate(await service.amend_scope(uow, credit_code, lines, caller))


@router.post("/{credit_code}/suspensions", dependencies=[Allow(Role.OFFICER)])
async def suspend_body(credit_code: str, body: ReasonRequest, uow: Uow, caller: Caller) -> BodyView:
    """Suspend a body."""
    return BodyView.model_validate(await service.suspend_body(uow, credit_code, body.reason_code, caller))


@router.post("/{credit_code}/reinstatements", dependencies=[Allow(Role.OFFICER)])
async def reinstate_body(credit_code: str, uow: Uow, caller: Caller) -> BodyView:
    """End a suspension."""
    return BodyView.model_validate(await service.reinstate_body(uow, credit_code, caller))


@router.post("/{credit_code}/removals", dependencies=[Allow(Role.OFFICER)])
async def remove_body(credit_code: str, body: ReasonRequest, uow: Uow, caller: Caller) -> BodyView:
    """Remove a body for good."""
    return BodyView.model_validate(await service.remove_body(uow, credit_code, body.reason_code, caller))
