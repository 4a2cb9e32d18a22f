"""The worker process of the evaluation service: keeps people and completed trainings, ends what time has ended."""

from services.evaluation.candidates import timers as candidates
from services.evaluation.certificates import timers as certificates
from services.evaluation.enrolment_facts.consumers import HANDLERS as ENROLMENTS
from shared.messaging import WorkerProcess
from shared.persons import HANDLERS as PERSONS


def worker() -> WorkerProcess:
    """What this service does in the background."""
    return WorkerProcess("evaluation", rooms=(PERSONS, ENROLMENTS), timers=[*candidates.TIMERS, *certificates.TIMERS])
