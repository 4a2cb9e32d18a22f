"""The clock finishes classes."""

from services.training.completions.service import finish_due_classes
from shared.messaging import Timer
from shared.persistence import UnitOfWork


async def finish_classes(uow: UnitOfWork, limit: int) -> int:
    """Finish running classes whose sessions are over and closed."""
    return await finish_due_classes(uow, limit)


TIMERS = [Timer("training.finish_classes", finish_classes)]
