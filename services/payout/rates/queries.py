"""Reading the rate table: a few dozen rows, read whole."""

from sqlalchemy import select

from services.payout.rates.domain import RateTable
from services.payout.rates.models import RateRow
from shared.persistence import UnitOfWork


async def rate_table(uow: UnitOfWork) -> RateTable:
    """Every rate that is or was in force."""
    rows = await uow.session.scalars(select(RateRow).order_by(RateRow.id))
    return RateTable([row.facts() for row in rows])
