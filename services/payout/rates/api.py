"""The rate table, for everybody, and the two officers who change it."""

from uuid import UUID

from services.payout.rates import queries, service
from services.payout.rates.domain import (
    NewRate,
    RateChangeNotFound,
    RateChangeSamePerson,
    RateCityOfficerNeeded,
    RateDaysInvalid,
    RateNotFound,
    RateOverlaps,
)
from services.payout.rates.schemas import (
    DifferenceView,
    ProposeRateRequest,
    RateChangeDetailView,
    RateChangeView,
    RatesView,
    RateView,
)
from shared.http import Allow, Caller, Creates, Page, PageQuery, Public, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import WrongState

router = api_router("/v1", tag="rates", description="What a certificate is worth, and since when.")

DIFFERENCES_MOST = 1_000
OFFICERS = Allow(Role.OFFICER)
READERS = Allow(Role.OFFICER, Role.FINANCE, Role.AUDITOR)


@router.get("/rates", dependencies=[Public])
async def list_rates(uow: Uow) -> RatesView:
    """List what each certificate is worth, past rates included. A few dozen rows, shown whole."""
    return RatesView(data=[RateView.model_validate(rate) for rate in (await queries.rate_table(uow)).rates])


@router.post(
    "/rate-changes",
    dependencies=[
        OFFICERS,
        Creates("/v1/rate-changes/{id}"),
        Refuses(RateCityOfficerNeeded, RateNotFound, RateDaysInvalid),
    ],
)
async def propose_rate(body: ProposeRateRequest, uow: Uow, caller: Caller) -> RateChangeView:
    """Propose a row of the rate table, or one that takes another's place. Another city officer approves it."""
    asked = body.model_dump(exclude={"paid_to"})
    change = await service.propose_rate(uow, caller, NewRate(payee=body.paid_to, **asked))
    return RateChangeView.model_validate(change)


@router.post(
    "/rate-changes/{rate_change_id}/approvals",
    dependencies=[
        OFFICERS,
        Refuses(RateCityOfficerNeeded, RateChangeNotFound, RateChangeSamePerson, RateOverlaps, WrongState),
    ],
)
async def approve_rate(rate_change_id: UUID, uow: Uow, caller: Caller) -> RateChangeView:
    """Approve a change that another officer proposed. What was decided before stays as it is."""
    return RateChangeView.model_validate(await service.approve_rate(uow, caller, rate_change_id))


@router.post(
    "/rate-changes/{rate_change_id}/rejections",
    dependencies=[OFFICERS, Refuses(RateCityOfficerNeeded, RateChangeNotFound, WrongState)],
)
async def reject_rate(rate_change_id: UUID, uow: Uow, caller: Caller) -> RateChangeView:
    """Give a proposed change up. The table stays as it is."""
    return RateChangeView.model_validate(await service.reject_rate(uow, caller, rate_change_id))


@router.get("/rate-changes", dependencies=[READERS])
async def list_rate_changes(uow: Uow, page: PageQuery) -> Page[RateChangeView]:
    """List the changes of the rate table, oldest first."""
    found = await queries.list_rate_changes(uow, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, RateChangeView.model_validate)


@router.get("/rate-changes/{rate_change_id}", dependencies=[READERS, Refuses(RateChangeNotFound)])
async def get_rate_change(rate_change_id: UUID, uow: Uow) -> RateChangeDetailView:
    """Get one change, with the payouts that were decided otherwise before it."""
    change = await queries.get_rate_change(uow, rate_change_id)
    found = await queries.differences_of(uow, change, DIFFERENCES_MOST)
    return RateChangeDetailView(
        **RateChangeView.model_validate(change).model_dump(),
        differences=[DifferenceView.model_validate(difference) for difference in found],
    )
