"""The clock starts classes, or gives them up where the institution may not hold them."""

from services.training.classes import queries, service
from shared.messaging import Timer
from shared.persistence import UnitOfWork


async def start_classes(uow: UnitOfWork, limit: int) -> int:
    """Start approved classes whose first session's time has come."""
    return await service.start_classes(uow, await queries.classes_to_start(uow, limit))


async def give_up_classes(uow: UnitOfWork, limit: int) -> int:
    """Cancel approved classes whose time came while their institution was suspended or removed (A14)."""
    return await service.cancel_classes(uow, await queries.classes_to_give_up(uow, limit), "institution_not_active")


TIMERS = [Timer("training.start_classes", start_classes), Timer("training.give_up_classes", give_up_classes)]
