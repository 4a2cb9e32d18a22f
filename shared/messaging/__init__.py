"""How services exchange events: outbox and relay on the way out, positions and parked events on the way in."""

from shared.messaging.handlers import EveryHandler, Handler, Handlers
from shared.messaging.records import Received
from shared.messaging.timers import ExternalJob, Timer
from shared.messaging.worker import WorkerProcess

__all__ = ["EveryHandler", "ExternalJob", "Handler", "Handlers", "Received", "Timer", "WorkerProcess"]
