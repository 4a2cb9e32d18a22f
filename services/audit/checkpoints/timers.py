"""Every five minutes, if the log grew, its head is signed."""

from services.audit.checkpoints.service import keep_checkpoints
from shared.messaging.timers import ExternalJob

TIMERS = [ExternalJob("audit.keep_checkpoints", keep_checkpoints)]
