"""Statistics over HTTP."""

from typing import Annotated

from fastapi import Query

from services.audit.statistics.domain import Period
from services.audit.statistics.schemas import FunnelView
from services.audit.statistics.service import count_funnel
from shared.http import Allow, BusinessDate, Caller, Role, Uow, api_router

router = api_router("/v1", tag="statistics")


@router.get("/funnel", dependencies=[Allow(Role.OFFICER, Role.AUDITOR)])
async def funnel(
    uow: Uow,
    caller: Caller,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{6}$")] = None,
    since: Annotated[BusinessDate | None, Query()] = None,
    until: Annotated[BusinessDate | None, Query()] = None,
) -> FunnelView:
    """The funnel from offer to payment by area; `since` and `until` are business dates, both included."""
    return FunnelView.of(await count_funnel(uow, caller, area=area, period=Period(since, until)))
