"""What the clock does to assessments that nobody opened."""

from services.evaluation.candidates.service import cancel_unopened
from shared.messaging import Timer

TIMERS = [Timer("evaluation.cancel_unopened_sessions", cancel_unopened)]
