"""How a batch is cut so that many events are applied by few statements and none overtakes another of its aggregate."""

from collections.abc import Iterable, Sequence

from shared.contracts.envelope import Event
from shared.messaging.records import Received


def waves(heard: Sequence[Received]) -> list[list[Received]]:
    """Wave k holds the k-th event of each aggregate, in the order heard.

    Cutting by type alone would turn suspended, reinstated, suspended into *reinstated*.
    """
    cut: list[list[Received]] = []
    seen: dict[tuple[str, str], int] = {}
    for one in heard:
        place = seen.get(one.aggregate, 0)
        seen[one.aggregate] = place + 1
        if place == len(cut):
            cut.append([])
        cut[place].append(one)
    return cut


def by_type(wave: Iterable[Received]) -> dict[type[Event], list[Event]]:
    """The events of a wave by their class, in the order in which the classes first appear."""
    grouped: dict[type[Event], list[Event]] = {}
    for one in wave:
        if one.event is not None:
            grouped.setdefault(type(one.event), []).append(one.event)
    return grouped
