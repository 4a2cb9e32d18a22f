"""What the running system says about itself: logs without personal data, metrics, correlation."""

from shared.observability.context import RequestContext, current_context, request_context, tie_context
from shared.observability.logs import configure_logs, logger
from shared.observability.scrub import scrub

__all__ = [
    "RequestContext",
    "configure_logs",
    "current_context",
    "logger",
    "request_context",
    "scrub",
    "tie_context",
]
