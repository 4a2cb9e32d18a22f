"""Rounds: each target once a round, in the order given; outcomes in the order of the items."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.rounds import in_rounds, rounds


@given(st.lists(st.integers(0, 4)))
def test_each_place_once_and_each_target_once_a_round_in_order(targets: list[int]) -> None:
    cut = rounds(targets, lambda target: target)
    assert sorted(place for places in cut for place in places) == list(range(len(targets)))
    for places in cut:
        assert len({targets[place] for place in places}) == len(places)
    for target in set(targets):
        met = [place for places in cut for place in places if targets[place] == target]
        assert met == sorted(met)
    assert len(cut) == max((targets.count(target) for target in set(targets)), default=0)


async def test_what_comes_second_sees_what_the_first_did() -> None:
    spent: dict[str, int] = {}

    async def spend(purses: Sequence[str]) -> list[int]:
        assert len(set(purses)) == len(purses)
        for purse in purses:
            spent[purse] = spent.get(purse, 0) + 1
        return [spent[purse] for purse in purses]

    assert await in_rounds(["a", "b", "a", "c", "a"], lambda purse: purse, spend) == [1, 1, 2, 1, 3]
