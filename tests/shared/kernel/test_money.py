"""Money is whole fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import MAX_FEN, AmountInvalid, checked_fen, format_fen, percent_of


@pytest.mark.parametrize(
    ("amount_fen", "shown"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (120_000, "1,200.00"), (200_000_000, "2,000,000.00"), (-100, "-1.00")],
)
def test_format(amount_fen: int, shown: str) -> None:
    assert format_fen(amount_fen) == shown


@given(st.integers(min_value=-MAX_FEN, max_value=MAX_FEN))
def test_format_loses_no_fen(amount_fen: int) -> None:
    assert int(format_fen(amount_fen).replace(",", "").replace(".", "")) == amount_fen


@pytest.mark.parametrize("amount", [-1, MAX_FEN + 1, 1.0, "1", True, None])
def test_what_is_no_amount(amount: object) -> None:
    with pytest.raises(AmountInvalid):
        checked_fen(amount)


def test_the_bounds_are_amounts() -> None:
    assert checked_fen(0) == 0
    assert checked_fen(MAX_FEN) == MAX_FEN
    assert checked_fen(-1, least_fen=-1) == -1


def test_a_share_is_rounded_down() -> None:
    assert percent_of(20_001, 50) == 10_000
    assert percent_of(20_001, 100) == 20_001
    assert percent_of(20_001, 0) == 0
    for percent in (-1, 101):
        with pytest.raises(AmountInvalid):
            percent_of(100, percent)
