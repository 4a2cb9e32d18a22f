"""Reading the rules of a day."""

from dataclasses import fields
from datetime import date

from sqlalchemy import or_, select

from services.training.rules.domain import RuleMissing, Rules
from services.training.rules.models import Rule
from shared.persistence import UnitOfWork


async def rules_on(uow: UnitOfWork, day: date) -> Rules:
    """The rules in force on `day`; `RuleMissing` if one has no value then."""
    in_force = select(Rule.name, Rule.value).where(
        Rule.valid_from <= day, or_(Rule.valid_to.is_(None), Rule.valid_to >= day)
    )
    found = {row.name: row.value for row in await uow.session.execute(in_force)}
    wanted = [field.name for field in fields(Rules)]
    for name in wanted:
        if name not in found:
            raise RuleMissing(name=name, day=day.isoformat())
    return Rules(**{name: found[name] for name in wanted})
