"""How a payment is divided among debts, and a debt into monthly parts."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.payout.clawbacks.domain import ClawbackFacts, ClawbackState, instalments, plan_ends_on, plan_offsets
from shared.kernel.ids import uuid7

FEN = st.integers(1, 10_000_000)
PAYOUT, FUND = uuid7(), uuid7()


def debt(outstanding_fen: int) -> ClawbackFacts:
    """A case in which so much is owed."""
    return ClawbackFacts(
        uuid7(), ClawbackState.OPEN, 1, datetime(2033, 3, 7, tzinfo=UTC), PAYOUT, FUND, "410402", "institution", "x",
        outstanding_fen, outstanding_fen, "certificate_revoked", None, None, None, None, None, None, None, None, None,
    )  # fmt: skip


@given(FEN, st.lists(st.tuples(FEN, st.integers(0, 10_000_000)), max_size=6))
def test_an_offset_is_never_more_than_the_payment_nor_than_what_is_free_of_a_debt(
    owed_fen: int, debts: list[tuple[int, int]]
) -> None:
    cases = [debt(outstanding_fen) for outstanding_fen, _ in debts]
    free = {case.id: max(0, case.outstanding_fen - taken) for case, (_, taken) in zip(cases, debts, strict=True)}
    offsets = plan_offsets(PAYOUT, owed_fen, cases, free)
    assert sum(offset.amount_fen for offset in offsets) == min(owed_fen, sum(free.values()))
    assert all(0 < offset.amount_fen <= free[offset.clawback_id] for offset in offsets)
    full = [offset.clawback_id for offset in offsets[:-1] if offset.amount_fen == free[offset.clawback_id]]
    assert len(full) == max(0, len(offsets) - 1), "the older debt is covered before the next begins"
    assert full == [case.id for case in cases if free[case.id] > 0][: len(full)]


@given(FEN, st.integers(2, 60))
def test_instalments_sum_to_the_debt_month_by_month(owed_fen: int, parts: int) -> None:
    plan = instalments(owed_fen, parts, date(2033, 1, 31))
    assert sum(part.amount_fen for part in plan) == owed_fen
    assert len({part.due_on for part in plan}) == parts
    assert [part.due_on for part in plan] == sorted(part.due_on for part in plan)
    assert plan[-1].due_on == plan_ends_on(parts, date(2033, 1, 31))
    assert (plan[0].due_on, plan[1].due_on) == (date(2033, 1, 31), date(2033, 2, 28))
