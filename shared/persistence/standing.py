"""How a service's cases stand: how many in each state of each life cycle, and since when the oldest waits."""

from dataclasses import dataclass

from sqlalchemy import func, select

from shared.kernel.lifecycle import Rests
from shared.persistence.models import lifecycle_models
from shared.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of a life cycle in one state; `held` of them have an open hold.

    `oldest_s` is how long the first of them has been in it, business seconds; None where nobody waits for anything.
    """

    lifecycle: str
    state: str
    count: int
    held: int
    oldest_s: float | None


async def count_standing(uow: UnitOfWork, service: str) -> list[Standing]:
    """Every state of every life cycle of a service, the empty ones too; one statement a life cycle."""
    standings: list[Standing] = []
    for model in lifecycle_models(service):
        cycle = model.lifecycle
        counts = (func.count(), func.count().filter(model.open_holds > 0), func.min(model.entered_at))
        query = select(model.status, *counts).group_by(model.status)
        found = {row[0]: (row[1], row[2], row[3]) for row in await uow.session.execute(query)}
        awaited = {state for state in cycle.left_states() if not isinstance(cycle.ways_out.get(state), Rests)}
        for state in cycle.states():
            count, held, since = found.get(state, (0, 0, None))
            age_s = 0.0 if since is None else (uow.now - since).total_seconds()
            standings.append(Standing(cycle.name, state, count, held, age_s if state in awaited else None))
    return standings
