"""Many items at once, each target once a round: what comes second for a target sees what the first did."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def rounds(items: Sequence[Item], target: Callable[[Item], Hashable]) -> list[list[int]]:
    """The places of `items` in rounds: round k holds the k-th item of each target, in the order given."""
    cut: list[list[int]] = []
    seen: dict[Hashable, int] = {}
    for place, item in enumerate(items):
        turn = seen.get(target(item), 0)
        seen[target(item)] = turn + 1
        if turn == len(cut):
            cut.append([])
        cut[turn].append(place)
    return cut


async def in_rounds(
    items: Sequence[Item],
    target: Callable[[Item], Hashable],
    act: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]],
) -> list[Outcome]:
    """Act on `items` round by round; `act` answers item by item. Answers in the order of `items`."""
    outcomes: dict[int, Outcome] = {}
    for places in rounds(items, target):
        outcomes.update(zip(places, await act([items[place] for place in places]), strict=True))
    return [outcomes[place] for place in range(len(items))]
