"""The background work of the training service: its relay, what it consumes, and what its clock moves."""

from services.training.attendance.timers import TIMERS as CLOSING
from services.training.classes.timers import TIMERS as STARTING
from services.training.completions.timers import TIMERS as FINISHING
from services.training.enrolments.consumers import HANDLERS as VOUCHERS
from shared.messaging import WorkerProcess
from shared.persons import HANDLERS as PERSONS


def worker() -> WorkerProcess:
    """Classes start before their sessions close, and finish after."""
    return WorkerProcess("training", rooms=(PERSONS, VOUCHERS), timers=(*STARTING, *CLOSING, *FINISHING))
