"""Limits of calls, and whose a cancellation is."""

import asyncio

import pytest

from shared.messaging.bounds import CallCancelled, bounded
from shared.messaging.worker import PartEnded, without_end


async def cancelled_below() -> None:
    """Await a task that somebody else has cancelled."""
    task = asyncio.create_task(asyncio.Event().wait())
    task.cancel()
    await task


async def test_a_cancellation_from_below_is_a_failure_of_the_call() -> None:
    with pytest.raises(CallCancelled):
        async with bounded(10):
            await cancelled_below()


async def test_a_call_has_its_limit() -> None:
    with pytest.raises(TimeoutError):
        async with bounded(0.01):
            await asyncio.Event().wait()


async def within_bounds() -> None:
    """A call that never ends."""
    async with bounded(10):
        await asyncio.Event().wait()


async def end_quietly() -> None:
    """A part that has come to its end."""


async def fail() -> None:
    """A part that fails."""
    raise OSError


async def test_who_is_asked_to_end_ends() -> None:
    work = asyncio.create_task(without_end(within_bounds()))
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait({work}, timeout=5)
    assert work.cancelled()


async def test_no_part_of_a_worker_process_ends_in_silence() -> None:
    """A task group would take it for done, and go on without a consumer."""
    for part, failure in ((cancelled_below, PartEnded), (end_quietly, PartEnded), (fail, OSError)):
        with pytest.raises(ExceptionGroup) as raised:
            async with asyncio.TaskGroup() as group:
                group.create_task(without_end(part()))
                group.create_task(without_end(within_bounds()))
        (found,) = raised.value.exceptions
        assert isinstance(found, failure)
