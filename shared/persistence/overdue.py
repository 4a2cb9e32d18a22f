"""What people should have decided by now: every life cycle says who has to, and for how long (R1, A26)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from sqlalchemy import and_, func, or_, select

from shared.kernel.clock import start_of_day
from shared.kernel.lifecycle import ByPeople
from shared.persistence.dated import RuleMissing, values_on
from shared.persistence.models import lifecycle_models
from shared.persistence.unit_of_work import UnitOfWork
from shared.reference.calendar import first_in_time

Alarm: TypeAlias = Callable[[UnitOfWork], Awaitable[Mapping[str, int]]]
"""How many wait beyond their day by a rule of their own, by the name of the figure."""


async def count_overdue(uow: UnitOfWork, service: str) -> dict[str, int]:
    """How many rows of a service people have left beyond their day, by `<noun>_<state>`; zeros too.

    `RuleMissing` if a state has no time limit today.
    """
    counts: dict[str, int] = {}
    for model in lifecycle_models(service):
        cycle = model.lifecycle
        rules = {
            state: cycle.time_limit(state)
            for state, way in cycle.ways_out.items()
            if isinstance(way, ByPeople) and way.counted_as is None
        }
        if not rules:
            continue
        limits = await values_on(uow, rules.values(), uow.today)
        if missing := set(rules.values()) - limits.keys():
            raise RuleMissing(name=min(missing), day=uow.today.isoformat())
        late = [
            and_(model.status == state, model.entered_at < start_of_day(first_in_time(uow.today, limits[rule])))
            for state, rule in rules.items()
        ]
        counts |= {f"{cycle.name}_{state}": 0 for state in rules}
        found = await uow.session.execute(select(model.status, func.count()).where(or_(*late)).group_by(model.status))
        counts |= {f"{cycle.name}_{status}": count for status, count in found}
    return counts
