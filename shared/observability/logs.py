"""Logs: one JSON object a line on standard output, correlated, and scrubbed of personal data as the last step."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

from shared.observability.context import current_context
from shared.observability.failures import describe_failure
from shared.observability.scrub import scrub

_LIBRARIES_AT_WARNING = ("aiokafka", "sqlalchemy", "httpx", "httpcore", "asyncio", "uvicorn.access")


def _correlate(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = current_context()
    if context is not None:
        event.setdefault("request_id", context.request_id)
        event.setdefault("trace_id", context.trace_id)
    return event


def _describe_failure(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    raised = event.pop("exc_info", None)
    if isinstance(raised, tuple):
        raised = raised[1]
    elif raised is True:
        raised = sys.exc_info()[1]
    if isinstance(raised, BaseException):
        event["failure"] = describe_failure(raised)
    return event


def _scrub_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return cast(dict[str, Any], scrub(event))


_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    _correlate,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    _describe_failure,
]


class SafeLogger(structlog.stdlib.BoundLogger):
    """A logger that never hands an exception to the standard library, whose handlers would print its message."""

    def exception(self, event: str | None = None, *args: Any, **facts: Any) -> Any:
        """An error, with the exception at hand described as `describe_failure` does."""
        return self.error(event, *args, **{"exc_info": True, **facts})


def _configure_structlog() -> None:
    """Make every logger safe from the first import on, whether or not this process ever calls `configure_logs`."""
    structlog.configure(
        processors=[*_PROCESSORS, _scrub_event, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=SafeLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def configure_logs(service: str, level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Send this process's logs, and those of every library, through the one pipeline. Called once at start."""

    def name_service(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_PROCESSORS,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            name_service,
            _scrub_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
    for name in _LIBRARIES_AT_WARNING:
        logging.getLogger(name).setLevel(logging.WARNING)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for one module: `log = logger(__name__)`; facts are passed as keywords, never woven into the text."""
    return structlog.stdlib.get_logger(name)


_configure_structlog()
