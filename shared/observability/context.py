"""Correlation: which request or batch a line of log, a problem or an answer belongs to."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request, or one turn of a worker. `trace_id` is 32 hex digits, as in W3C Trace Context."""

    request_id: str
    trace_id: str
    language: Language = "zh"

    @classmethod
    def new(cls) -> "RequestContext":
        """A context of its own, for work that nobody's request began."""
        fresh = uuid4()
        return cls(str(fresh), fresh.hex)


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def current_context() -> RequestContext | None:
    """The context of the running task, if it has one."""
    return _current.get()


def request_context() -> RequestContext:
    """The context of the running task; a new one where there is none."""
    return _current.get() or RequestContext.new()


@contextmanager
def tie_context(context: RequestContext) -> Iterator[RequestContext]:
    """Have everything inside the block, and the tasks it starts, belong to `context`."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
