"""The worker process of the evaluation service: keeps people and completed trainings, lets permits run out."""

from services.evaluation.certificates.timers import TIMERS
from services.evaluation.enrolment_facts.consumers import HANDLERS as ENROLMENTS
from shared.messaging import WorkerProcess
from shared.persons import HANDLERS as PERSONS


def worker() -> WorkerProcess:
    """What this service does in the background."""
    return WorkerProcess("evaluation", rooms=(PERSONS, ENROLMENTS), timers=TIMERS)
