"""Where state is kept: one unit of work per change, rows that move along their life cycle, named refusals."""

from shared.persistence.aggregate import AggregateRow, LifecycleRow, service_metadata
from shared.persistence.database import Database
from shared.persistence.dated import RuleMissing, rules_on
from shared.persistence.refusals import Busy, map_constraint, refusal_of
from shared.persistence.request_batcher import RequestBatcher
from shared.persistence.rows import Moves
from shared.persistence.unit_of_work import Details, UnitOfWork

__all__ = [
    "AggregateRow",
    "Busy",
    "Database",
    "Details",
    "LifecycleRow",
    "Moves",
    "RequestBatcher",
    "RuleMissing",
    "UnitOfWork",
    "map_constraint",
    "refusal_of",
    "rules_on",
    "service_metadata",
]
