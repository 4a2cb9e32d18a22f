"""The clock starts classes, or gives them up where the institution may not."""

from services.training.classes.queries import classes_to_give_up, classes_to_start
from services.training.classes.service import cancel_classes
from services.training.classes.service import start_classes as start
from shared.messaging import Timer
from shared.persistence import UnitOfWork


async def start_classes(uow: UnitOfWork, limit: int) -> int:
    """Start approved classes whose first session's time has come."""
    return await start(uow, await classes_to_start(uow, limit))


async def give_up_classes(uow: UnitOfWork, limit: int) -> int:
    """Cancel approved classes whose time came while their institution was suspended or removed (A14)."""
    return await cancel_classes(uow, await classes_to_give_up(uow, limit), "institution_not_active")


TIMERS = [Timer("training.start_classes", start_classes), Timer("training.give_up_classes", give_up_classes)]
