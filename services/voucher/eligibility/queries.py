"""Reading the figures that are in force."""

from datetime import date

from sqlalchemy import select

from services.voucher.eligibility.models import Rule
from shared.persistence import UnitOfWork


async def figures_on(uow: UnitOfWork, day: date) -> dict[str, int]:
    """Every figure in force on the business date `day`, by name."""
    rows = await uow.session.execute(
        select(Rule.name, Rule.value).where(Rule.valid_from <= day, Rule.valid_to.is_(None) | (Rule.valid_to >= day))
    )
    return {row.name: row.value for row in rows}
