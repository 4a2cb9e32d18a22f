"""The ledger, for finance and audit."""

from services.payout.funds.queries import all_fund_ids
from services.payout.ledger.queries import balances
from services.payout.ledger.schemas import BalanceView, LedgerView
from shared.http import Allow, Caller, Role, Uow, api_router

router = api_router("/v1/ledger", tag="ledger")


@router.get("", dependencies=[Allow(Role.FINANCE, Role.AUDITOR)])
async def show_ledger(uow: Uow, caller: Caller) -> LedgerView:
    """Balances of the funds of the caller's areas, computed from the postings."""
    found = await balances(uow, await all_fund_ids(uow, caller))
    return LedgerView(
        accounts=[BalanceView.model_validate(one) for one in found], sum_fen=sum(one.balance_fen for one in found)
    )
