"""Calls of the broker's client: each has a limit, and what it cancels of its own is no order to us."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiokafka.errors import KafkaError


class CallCancelled(KafkaError):  # type: ignore[misc]  # the library has no types
    """The client cancelled a task of its own in the middle of our call."""


def is_ordered_to_end() -> bool:
    """Whether somebody has asked the current task to end: a cancellation that nobody asked for came from below."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@contextlib.asynccontextmanager
async def bounded(limit_s: float) -> AsyncIterator[None]:
    """Let a call of the client take so long at most: `TimeoutError`, or `CallCancelled` if the client broke it off.

    The client cancels its own tasks when it loses the broker, and awaits them: their cancellation then rises through
    our call, and would end our own task as if it had been stopped.
    """
    try:
        async with asyncio.timeout(limit_s):
            yield
    except asyncio.CancelledError:
        if is_ordered_to_end():
            raise
        raise CallCancelled from None
