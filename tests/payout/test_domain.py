"""The pure decisions."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.payout.accounts.domain import (
    Account,
    AccountCoolingOff,
    AccountMissing,
    AccountState,
    choose_account,
)
from services.payout.dockets.domain import rounds
from services.payout.funds.domain import Fund, FundKey, FundRule, FundRules, FundState, choose_fund, covered_in_order
from services.payout.instructions.domain import LONGEST_PAUSE_S, failure_code, instruction_id, pause_s
from services.payout.ledger.domain import LedgerKind, Transaction
from services.payout.payouts.domain import PAYOUT, UNSENT, PayoutAction, PayoutState
from services.payout.rates.domain import Rate, RateTable, benefit_of
from shared.kernel.ids import uuid7

NOON = datetime(2033, 3, 7, 4, tzinfo=UTC)


def rate(valid_from: date, valid_to: date | None, amount_fen: int) -> Rate:
    """A row of the rate table."""
    return Rate(1, "training_voucher", "skill_level", 4, "first", amount_fen, valid_from, valid_to, "x", "y")


def test_a_rate_is_in_force_on_its_first_and_on_its_last_day() -> None:
    table = RateTable([rate(date(2022, 1, 1), date(2022, 3, 30), 1), rate(date(2022, 3, 31), None, 2)])
    asked = {"kind": "skill_level", "level": 4, "act": "first"}
    found = [
        table.find("training_voucher", on=day, **asked)  # type: ignore[arg-type]  # the names are those asked for
        for day in (date(2021, 12, 31), date(2022, 1, 1), date(2022, 3, 30), date(2022, 3, 31), date(2099, 1, 1))
    ]
    assert [one and one.amount_fen for one in found] == [None, 1, 1, 2, 2]
    assert table.find("training_voucher", kind="skill_level", level=3, act="first", on=date(2022, 5, 1)) is None


def test_training_benefits_are_one_group_and_others_their_own() -> None:
    assert (benefit_of("training_voucher"), benefit_of("assessment_subsidy")) == ("training", "assessment_subsidy")


def fund(area: str, *, year: int = 2033, source: str = "finance") -> Fund:
    """A fund without money."""
    return Fund(uuid7(), source, area, year, 0, 0, 0, FundState.OPEN, 1)


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


def account(revision: int, usable_from: datetime | None) -> Account:
    """A confirmed version."""
    people = (uuid7(), uuid7(), uuid7())
    return Account(
        uuid7(), "worker", "w", revision, "102", AccountState.CONFIRMED, 3, NOON, *people, usable_from=usable_from
    )


def test_the_newest_account_that_has_cooled_off() -> None:
    old, new, hot = (account(1, NOON - timedelta(days=9)), account(2, NOON), account(3, NOON + timedelta(seconds=1)))
    assert choose_account([hot, old, new], NOON) is new
    with pytest.raises(AccountCoolingOff, match="2033-03-07T04:00:01"):
        choose_account([hot], NOON)
    with pytest.raises(AccountMissing):
        choose_account([], NOON)


def test_rounds_hold_every_item_once() -> None:
    assert rounds("abcab") == [[0, 1, 2], [3, 4]]
    assert rounds([]) == []


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("account_closed", "bank_account_closed"),
        (None, "bank_refused"),
        ("张三丰的账户已销户", "bank_refused"),
        ("6222020000000001", "bank_refused"),
        ("x" * 60, "bank_refused"),
    ],
)
def test_what_the_bank_says_travels_as_a_code_or_not_at_all(reason: str | None, code: str) -> None:
    assert failure_code(reason) == code


def test_the_first_instruction_is_the_payouts_own_id_and_pauses_grow() -> None:
    payout_id = uuid7()
    assert instruction_id(payout_id, 1) == payout_id
    assert instruction_id(payout_id, 2) != payout_id
    pauses = [pause_s(calls) for calls in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S


def test_every_step_up_to_sending_is_stopped_by_a_hold_and_no_fact_is() -> None:
    facts = {
        PayoutAction.PAY, PayoutAction.FAIL, PayoutAction.LOSE, PayoutAction.REJECT, PayoutAction.WITHDRAW,
        PayoutAction.REVERSE, PayoutAction.SETTLE_DEBT, PayoutAction.HOLD, PayoutAction.LIFT_HOLD,
    }  # fmt: skip
    for (state, action), edge in PAYOUT.edges.items():
        if state is not None:
            assert edge.blocked_by_hold is (action not in facts), (state, action)


def test_what_is_with_the_bank_or_paid_is_neither_rejected_nor_withdrawn() -> None:
    for action in (PayoutAction.REJECT, PayoutAction.WITHDRAW):
        assert set(PAYOUT.sources(action)) == set(UNSENT)
    assert not {PayoutState.SENT, PayoutState.UNKNOWN, PayoutState.PAID} & set(UNSENT)
