"""Finance's funds."""

from uuid import UUID

from services.payout.funds import service
from services.payout.funds.queries import find_funds
from services.payout.funds.schemas import FundOpening, FundRaise, FundView
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/funds", tag="funds")


@router.post("", status_code=201, dependencies=[Allow(Role.FINANCE)])
async def open_fund(body: FundOpening, uow: Uow, caller: Caller) -> FundView:
    """Open a fund with its budget (资金筹措)."""
    fund = await service.open_fund(
        uow, caller, fund_source=body.fund_source, area=body.area, year=body.year, budget_fen=body.budget_fen
    )
    return FundView.model_validate(fund)


@router.post("/{fund_id}/raises", status_code=201, dependencies=[Allow(Role.FINANCE)])
async def raise_fund(fund_id: UUID, body: FundRaise, uow: Uow, caller: Caller) -> FundView:
    """Add to a fund's budget; what waited for money is reserved by the next turn of the timer."""
    return FundView.model_validate(await service.raise_fund(uow, caller, fund_id, body.amount_fen))


@router.get("", dependencies=[Allow(Role.FINANCE, Role.OFFICER, Role.AUDITOR)])
async def list_funds(uow: Uow, caller: Caller, page: PageQuery) -> Page[FundView]:
    """Funds of the caller's areas."""
    found = await find_funds(uow, caller, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, FundView.model_validate)
