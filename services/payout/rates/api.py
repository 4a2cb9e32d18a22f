"""The rate table, for everybody."""

from services.payout.rates.queries import rate_table
from services.payout.rates.schemas import RatesView, RateView
from shared.http import Public, Uow, api_router

router = api_router("/v1/rates", tag="rates", description="What a certificate is worth, and since when.")


@router.get("", dependencies=[Public])
async def list_rates(uow: Uow) -> RatesView:
    """List what each certificate is worth, past rates included. A few dozen rows, shown whole."""
    return RatesView(data=[RateView.model_validate(rate) for rate in (await rate_table(uow)).rates])
