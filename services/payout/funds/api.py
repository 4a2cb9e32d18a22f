"""Finance's funds, and the ledger in which their money moves."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.funds import queries, service
from services.payout.funds.domain import (
    FundBudgetTooLarge,
    FundExists,
    FundNotFound,
    FundProposalMissing,
    FundProposalPending,
    FundReductionTooLarge,
    FundSamePerson,
    FundSourceWithoutRule,
    FundState,
    FundStillReserved,
    FundYearNotOver,
    FundYearOver,
)
from services.payout.funds.schemas import (
    BalanceView,
    CarryOverFundsRow,
    FundView,
    LedgerView,
    ProposeFundRequest,
    ProposeRaiseRequest,
    ProposeReductionRequest,
)
from shared.http import (
    Allow,
    BulkAnswer,
    BulkRequest,
    Caller,
    Creates,
    Instant,
    Page,
    PageQuery,
    Refuses,
    Role,
    Uow,
    api_router,
)
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing
from shared.reference.areas import AreaUnknown
from shared.security import AreaOutsideScope

router = api_router(
    "/v1",
    tag="funds",
    description="Budgets by source, area and year (资金), and the double-entry ledger of their money.",
)

READERS = Allow(Role.FINANCE, Role.OFFICER, Role.AUDITOR)


@router.post(
    "/funds",
    dependencies=[
        Allow(Role.FINANCE),
        Creates("/v1/funds/{id}"),
        Refuses(AreaUnknown, AreaOutsideScope, FundSourceWithoutRule, FundExists, FundBudgetTooLarge, RuleMissing),
        Refuses(FundYearOver),
    ],
)
async def propose_fund(body: ProposeFundRequest, uow: Uow, caller: Caller) -> FundView:
    """Propose a fund with its budget (资金筹措). Another officer approves it. There is one a source, area and year."""
    fund = await service.propose_fund(
        uow, caller, fund_source=body.fund_source, area=body.area, year=body.year, budget_fen=body.budget_fen
    )
    return FundView.model_validate(fund)


@router.post(
    "/funds/{fund_id}/raises",
    dependencies=[
        Allow(Role.FINANCE),
        Refuses(FundNotFound, WrongState, FundProposalPending, FundBudgetTooLarge, FundYearOver, RuleMissing),
    ],
)
async def propose_raise(fund_id: UUID, body: ProposeRaiseRequest, uow: Uow, caller: Caller) -> FundView:
    """Propose to add to a fund's budget. Another officer approves it; one proposal waits at a time."""
    return FundView.model_validate(await service.propose_raise(uow, caller, fund_id, body.amount_fen))


@router.post(
    "/funds/{fund_id}/reductions",
    dependencies=[
        Allow(Role.FINANCE),
        Refuses(FundNotFound, WrongState, FundProposalPending, FundReductionTooLarge),
    ],
)
async def propose_reduction(fund_id: UUID, body: ProposeReductionRequest, uow: Uow, caller: Caller) -> FundView:
    """Propose to take from a fund's budget what nobody has claimed of it. Another officer approves it."""
    return FundView.model_validate(await service.propose_reduction(uow, caller, fund_id, body.amount_fen))


@router.post(
    "/funds/{fund_id}/carry-overs",
    dependencies=[
        Allow(Role.FINANCE),
        Refuses(FundNotFound, WrongState, FundProposalPending, FundYearNotOver),
    ],
)
async def propose_carry_over(fund_id: UUID, uow: Uow, caller: Caller) -> FundView:
    """Propose to carry a fund over (结转): it goes on to pay what it reserved in its year, and returns the rest.

    Another officer approves it. From the end of its year until then the fund pays nothing.
    """
    return FundView.model_validate(await service.propose_ending(uow, caller, fund_id, FundState.CARRIED_OVER))


@router.post(
    "/fund-carry-overs",
    dependencies=[
        Allow(Role.FINANCE),
        Refuses(FundNotFound, WrongState, FundProposalPending, FundYearNotOver),
    ],
)
async def propose_carry_overs(body: BulkRequest[CarryOverFundsRow], uow: Uow, caller: Caller) -> BulkAnswer[FundView]:
    """Propose to carry all funds of a list over (结转), as at a year's end. Another officer approves the list.

    Each goes on to pay what it reserved in its year, and returns the rest.
    """
    fund_ids = body.items(lambda row: row.fund_id)
    outcomes = await service.propose_endings(uow, caller, fund_ids, FundState.CARRIED_OVER)
    return body.answer(outcomes, FundView.model_validate)


@router.post(
    "/fund-carry-over-approvals",
    dependencies=[
        Allow(Role.FINANCE),
        Refuses(FundNotFound, FundProposalMissing, FundProposalPending, FundSamePerson, FundYearNotOver, RuleMissing),
    ],
)
async def approve_carry_overs(body: BulkRequest[CarryOverFundsRow], uow: Uow, caller: Caller) -> BulkAnswer[FundView]:
    """Approve that all funds of a list are carried over, as another officer proposed of each of them."""
    fund_ids = body.items(lambda row: row.fund_id)
    outcomes = await service.approve_proposals(uow, caller, fund_ids, FundState.CARRIED_OVER)
    return body.answer(outcomes, FundView.model_validate)


@router.post(
    "/funds/{fund_id}/closings",
    dependencies=[
        Allow(Role.FINANCE),
        Refuses(FundNotFound, WrongState, FundProposalPending, FundStillReserved),
    ],
)
async def propose_closing(fund_id: UUID, uow: Uow, caller: Caller) -> FundView:
    """Propose to close a fund in which nothing is reserved; it returns what is available. Another officer approves it.

    What the bank or a debtor gives back later still comes in, and is returned by a reduction.
    """
    return FundView.model_validate(await service.propose_ending(uow, caller, fund_id, FundState.CLOSED))


@router.post(
    "/funds/{fund_id}/approvals",
    dependencies=[
        Allow(Role.FINANCE),
        Refuses(
            FundNotFound,
            FundProposalMissing,
            FundSamePerson,
            FundBudgetTooLarge,
            FundReductionTooLarge,
            FundYearOver,
            FundYearNotOver,
            FundStillReserved,
            RuleMissing,
        ),
    ],
)
async def approve_fund_proposal(fund_id: UUID, uow: Uow, caller: Caller) -> FundView:
    """Approve what another officer proposed. What waited for money is reserved by the next turn of the timer."""
    return FundView.model_validate(await service.approve_proposal(uow, caller, fund_id))


@router.post(
    "/funds/{fund_id}/rejections", dependencies=[Allow(Role.FINANCE), Refuses(FundNotFound, FundProposalMissing)]
)
async def reject_fund_proposal(fund_id: UUID, uow: Uow, caller: Caller) -> FundView:
    """Give up what is proposed. A fund that was never approved ends; another stays as it is."""
    return FundView.model_validate(await service.reject_proposal(uow, caller, fund_id))


@router.get("/funds", dependencies=[READERS])
async def list_funds(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    year: Annotated[int | None, Query(ge=2021, le=2099)] = None,
    status: Annotated[FundState | None, Query()] = None,
) -> Page[FundView]:
    """List the funds of the caller's areas."""
    found = await queries.list_funds(uow, caller, after=page.after_uuid, limit=page.fetch, year=year, status=status)
    return Page.of(found, page, FundView.model_validate)


@router.get("/funds/{fund_id}", dependencies=[READERS, Refuses(FundNotFound)])
async def get_fund(fund_id: UUID, uow: Uow, caller: Caller) -> FundView:
    """Get one fund with its figures."""
    return FundView.model_validate(await queries.see_fund(uow, caller, fund_id))


@router.get("/ledger", dependencies=[Allow(Role.FINANCE, Role.AUDITOR)])
async def get_ledger(uow: Uow, caller: Caller, posted_until: Annotated[Instant | None, Query()] = None) -> LedgerView:
    """Get the balances of the funds of the caller's areas, now or at an instant. They sum to zero."""
    found = await queries.balances(uow, caller, posted_until)
    return LedgerView(
        accounts=[BalanceView.model_validate(balance) for balance in found],
        sum_fen=sum(balance.balance_fen for balance in found),
    )
