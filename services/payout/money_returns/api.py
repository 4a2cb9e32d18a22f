"""What the bank reported of returned money, and the two officers who set aside what is held."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.money_returns import queries, service
from services.payout.money_returns.domain import MoneyReturnDecided, MoneyReturnNotFound, MoneyReturnSamePerson
from services.payout.money_returns.schemas import MoneyReturnView
from shared.http import Allow, Caller, Page, PageQuery, Refuses, Role, Uow, api_router

router = api_router(
    "/v1/money-returns", tag="money returns", description="退汇: money that the bank paid and gave back (R23)."
)


@router.get("", dependencies=[Allow(Role.FINANCE, Role.AUDITOR)])
async def list_money_returns(
    uow: Uow, caller: Caller, page: PageQuery, held: Annotated[bool | None, Query()] = None
) -> Page[MoneyReturnView]:
    """List the bank's reports of returned money. `held=true` lists those that two officers have still to look at."""
    found = await queries.list_money_returns(uow, caller, held=held, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, MoneyReturnView.model_validate)


@router.post(
    "/{money_return_id}/dismissals",
    dependencies=[Allow(Role.FINANCE), Refuses(MoneyReturnNotFound, MoneyReturnDecided, MoneyReturnSamePerson)],
)
async def dismiss_money_return(money_return_id: UUID, uow: Uow, caller: Caller) -> MoneyReturnView:
    """Set a held report aside. The first officer proposes it, and a second one, another person, does it."""
    return MoneyReturnView.model_validate(await service.dismiss_money_return(uow, caller, money_return_id))
