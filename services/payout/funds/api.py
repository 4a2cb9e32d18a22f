"""Finance's funds, and the ledger in which their money moves."""

from uuid import UUID

from services.payout.funds import queries, service
from services.payout.funds.schemas import BalanceView, FundOpening, FundRaise, FundView, LedgerView
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1", tag="funds")


@router.post("/funds", status_code=201, dependencies=[Allow(Role.FINANCE)])
async def open_fund(body: FundOpening, uow: Uow, caller: Caller) -> FundView:
    """Open a fund with its budget (资金筹措)."""
    fund = await service.open_fund(
        uow, caller, fund_source=body.fund_source, area=body.area, year=body.year, budget_fen=body.budget_fen
    )
    return FundView.model_validate(fund)


@router.post("/funds/{fund_id}/raises", status_code=200, dependencies=[Allow(Role.FINANCE)])
async def raise_fund(fund_id: UUID, body: FundRaise, uow: Uow, caller: Caller) -> FundView:
    """Add to a fund's budget; what waited for money is reserved by the next turn of the timer."""
    return FundView.model_validate(await service.raise_fund(uow, caller, fund_id, body.amount_fen))


@router.get("/funds", dependencies=[Allow(Role.FINANCE, Role.OFFICER, Role.AUDITOR)])
async def list_funds(uow: Uow, caller: Caller, page: PageQuery) -> Page[FundView]:
    """Funds of the caller's areas."""
    found = await queries.find_funds(uow, caller, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, FundView.model_validate)


@router.get("/ledger", dependencies=[Allow(Role.FINANCE, Role.AUDITOR)])
async def get_ledger(uow: Uow, caller: Caller) -> LedgerView:
    """Balances of the funds of the caller's areas, computed from the postings."""
    found = await queries.balances(uow, caller)
    return LedgerView(
        accounts=[BalanceView.model_validate(one) for one in found], sum_fen=sum(one.balance_fen for one in found)
    )
