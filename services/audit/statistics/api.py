"""Statistics over HTTP."""

from typing import Annotated

from fastapi import Query

from services.audit.statistics.domain import Period, PeriodInvalid
from services.audit.statistics.schemas import FunnelView
from services.audit.statistics.service import count_funnel
from shared.http import Allow, BusinessDate, Caller, KnownArea, Refuses, Role, Uow, api_router
from shared.reference.areas import AreaUnknown
from shared.security import AreaOutsideScope

router = api_router(
    "/v1", tag="statistics", description="What is counted: cases (人次), people (人) and money, by area and period."
)
REFUSALS = Refuses(AreaUnknown, AreaOutsideScope, PeriodInvalid)


@router.get("/funnel", dependencies=[Allow(Role.OFFICER, Role.AUDITOR), REFUSALS])
async def get_funnel(
    uow: Uow,
    caller: Caller,
    area: KnownArea | None = None,
    since: Annotated[BusinessDate | None, Query()] = None,
    until: Annotated[BusinessDate | None, Query()] = None,
) -> FunnelView:
    """Count how many cases and people came how far, from the offer to the payment, by area.

    `since` and `until` are business dates, both included.
    """
    return FunnelView.of(await count_funnel(uow, caller, area=area, period=Period(since, until)))
