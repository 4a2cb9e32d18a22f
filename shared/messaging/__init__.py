"""How services hear each other: outbox and relay on the way out, positions and parked events on the way in."""

from shared.messaging.handlers import EveryHandler, Handler, Handlers
from shared.messaging.records import Heard
from shared.messaging.timers import Errand, Timer
from shared.messaging.worker import Worker

__all__ = ["Errand", "EveryHandler", "Handler", "Handlers", "Heard", "Timer", "Worker"]
