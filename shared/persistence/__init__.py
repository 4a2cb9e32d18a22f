"""Where state is kept: one unit of work per change, rows that move along their life cycle, named refusals."""

from shared.persistence.aggregate import AggregateRow, LifecycleRow, service_metadata
from shared.persistence.database import Database
from shared.persistence.gatherer import Gatherer
from shared.persistence.refusals import Busy, refusal_of, refuses
from shared.persistence.rows import Moves, lock_rows
from shared.persistence.unit_of_work import UnitOfWork

__all__ = [
    "AggregateRow",
    "Busy",
    "Database",
    "Gatherer",
    "LifecycleRow",
    "Moves",
    "UnitOfWork",
    "lock_rows",
    "refusal_of",
    "refuses",
    "service_metadata",
]
