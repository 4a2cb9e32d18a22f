"""The worker of the evaluation service: hears of people and completed trainings, lets permits run out."""

from services.evaluation.certificates.timers import TIMERS
from services.evaluation.enrolment_facts.consumers import HANDLERS as ENROLMENTS
from services.evaluation.person_facts.consumers import HANDLERS as PEOPLE
from shared.messaging import WorkerProcess


def worker() -> WorkerProcess:
    """What this service does in the background."""
    return WorkerProcess("evaluation", rooms=(PEOPLE, ENROLMENTS), timers=TIMERS)
