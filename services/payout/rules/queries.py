"""Reading the rules of a day."""

from dataclasses import fields
from datetime import date

from sqlalchemy import or_, select

from services.payout.rules.domain import Rules
from services.payout.rules.models import DatedRule
from shared.persistence import RuleMissing, UnitOfWork


async def rules_on(uow: UnitOfWork, day: date) -> Rules:
    """The rules in force on `day`; `RuleMissing` if one has no value then."""
    in_force = DatedRule.valid_from <= day, or_(DatedRule.valid_to.is_(None), DatedRule.valid_to >= day)
    rows = await uow.session.execute(select(DatedRule.name, DatedRule.value).where(*in_force))
    found = {row.name: row.value for row in rows}
    for field in fields(Rules):
        if field.name not in found:
            raise RuleMissing(name=field.name, day=day.isoformat())
    return Rules(**{field.name: found[field.name] for field in fields(Rules)})
