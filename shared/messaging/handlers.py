"""What a service does when it receives an event."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from shared.contracts.envelope import Event
from shared.messaging.records import Received
from shared.persistence import UnitOfWork

Handler: TypeAlias = Callable[[UnitOfWork, Sequence[Any]], Awaitable[None]]
"""Applies events of one type, each of another aggregate, in one unit of work. An expected refusal becomes an event;
what a handler raises is unexpected."""

Handlers: TypeAlias = Mapping[type[Event], Handler]
"""A room's `HANDLERS`: which of its functions receives which event."""

EveryHandler: TypeAlias = Callable[[UnitOfWork, Sequence[Received]], Awaitable[None]]
"""Applies whole envelopes of any type, in the order in which they were received."""


def merge(rooms: Sequence[Handlers]) -> dict[type[Event], list[Handler]]:
    """The handlers of several rooms together, in the order of the rooms."""
    merged: dict[type[Event], list[Handler]] = {}
    for room in rooms:
        for event, handler in room.items():
            merged.setdefault(event, []).append(handler)
    return merged
