"""Which fund pays, how far its money goes, and double entry."""

from datetime import date

import pytest

from services.payout.funds.domain import (
    FundFacts,
    FundKey,
    FundRule,
    FundRules,
    FundState,
    LedgerKind,
    Transaction,
    choose_fund,
    covered_in_order,
)
from shared.kernel.ids import uuid7


def fund(area: str, *, year: int = 2033, source: str = "finance") -> FundFacts:
    """A fund without money."""
    return FundFacts(uuid7(), source, area, year, 0, 0, 0, 0, 0, FundState.OPEN, 2, None, None, uuid7())


def test_the_areas_own_fund_comes_before_the_citys() -> None:
    city, area = fund("410400"), fund("410402")
    others = [fund("410402", year=2032), fund("410402", source="local_talent")]
    assert choose_fund([city, area, *others], FundKey("finance", "410402", 2033)) is area
    assert choose_fund([city, area, *others], FundKey("finance", "410481", 2033)) is city
    assert choose_fund(others, FundKey("finance", "410402", 2033)) is None


@pytest.mark.parametrize(
    ("available_fen", "amounts_fen", "covered"),
    [(0, [1], 0), (10, [], 0), (10, [10], 1), (10, [4, 6], 2), (10, [4, 7, 1], 1), (-5, [1], 0)],
)
def test_nobody_is_overtaken_by_a_smaller_claim(available_fen: int, amounts_fen: list[int], covered: int) -> None:
    assert covered_in_order(available_fen, amounts_fen) == covered


def test_what_no_rule_names_is_not_allowed() -> None:
    rules = FundRules([FundRule("finance", "training_voucher", date(2022, 1, 1), date(2022, 12, 31))])
    assert rules.allow("finance", "training_voucher", date(2022, 12, 31))
    assert not rules.allow("finance", "training_voucher", date(2023, 1, 1))
    assert not rules.allow("finance", "hiring_grant", date(2022, 6, 1))
    assert (rules.know("finance"), rules.know("lottery")) == (True, False)


@pytest.mark.parametrize("kind", LedgerKind)
def test_every_kind_of_transaction_sums_to_zero(kind: LedgerKind) -> None:
    (source, out_fen), (target, in_fen) = Transaction(kind, uuid7(), 7).postings()
    assert (out_fen, in_fen, source != target) == (-7, 7, True)
