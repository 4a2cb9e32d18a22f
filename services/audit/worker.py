"""What audit does in the background: it relays its own few events and consumes all events, its own included."""

from services.audit.case_facts.consumers import HANDLERS as CASES
from services.audit.checkpoints.timers import TIMERS
from services.audit.log.consumers import on_every
from shared import persons
from shared.messaging import WorkerProcess


def worker() -> WorkerProcess:
    """One consumer writes the log and the read models in one unit of work.

    So a dossier shows exactly what the log holds. The price is that the chain's one writer paces the read models too.
    """
    return WorkerProcess("audit", rooms=(persons.HANDLERS, CASES), timers=TIMERS, every=on_every)
