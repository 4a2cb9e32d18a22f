"""Reading the dated rules."""

from datetime import date

from sqlalchemy import or_, select

from services.evaluation.rules.domain import Rules
from services.evaluation.rules.models import RuleRow
from shared.persistence import UnitOfWork


async def rules_on(uow: UnitOfWork, day: date) -> Rules:
    """Every rule in force on `day`."""
    in_force = (RuleRow.valid_from <= day) & or_(RuleRow.valid_to.is_(None), RuleRow.valid_to >= day)
    found = await uow.session.execute(select(RuleRow.name, RuleRow.value).where(in_force))
    return Rules(day, {row.name: row.value for row in found})
