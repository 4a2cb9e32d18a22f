"""How a batch is cut so that many events are applied by few statements and none overtakes another of its aggregate."""

from collections.abc import Iterable, Sequence

from shared.contracts.envelope import Event
from shared.kernel.rounds import rounds
from shared.messaging.records import Received


def waves(received: Sequence[Received]) -> list[list[Received]]:
    """Wave k holds the k-th event of each aggregate, in the order received.

    Cutting by type alone would turn suspended, reinstated, suspended into *reinstated*.
    """
    return [[received[place] for place in places] for places in rounds(received, lambda event: event.aggregate)]


def by_type(wave: Iterable[Received]) -> dict[type[Event], list[Event]]:
    """The events of a wave by their class, in the order in which the classes first appear."""
    grouped: dict[type[Event], list[Event]] = {}
    for received in wave:
        if received.event is not None:
            grouped.setdefault(type(received.event), []).append(received.event)
    return grouped
