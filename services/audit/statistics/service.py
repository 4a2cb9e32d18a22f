"""The statistics that officers and auditors ask for."""

from dataclasses import dataclass

from services.audit.statistics import queries
from services.audit.statistics.domain import FunnelRow, Period, areas_asked
from shared.kernel.clock import end_of_day, start_of_day
from shared.persistence import UnitOfWork
from shared.reference.areas import CITY, Area
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class Funnel:
    """A row for each area asked for, also where nothing happened, and all of them together."""

    rows: list[tuple[Area, FunnelRow]]
    total: FunnelRow


async def count_funnel(uow: UnitOfWork, caller: Principal, *, area: str | None, period: Period) -> Funnel:
    """How many cases, and people, came how far in each area (§二(二)6, §三(四)).

    `AreaOutsideScope` if `area` is none of the caller's.
    """
    asked = areas_asked(caller, area)
    everything = caller.covers_city and area in (None, CITY)
    counted, total = await queries.funnel(
        uow,
        areas=None if everything else [reporting.code for reporting in asked],
        since=None if period.since is None else start_of_day(period.since),
        until=None if period.until is None else end_of_day(period.until),
    )
    rows = [(reporting, counted.get(reporting.code, FunnelRow.empty(reporting.code))) for reporting in asked]
    return Funnel(rows, total)
