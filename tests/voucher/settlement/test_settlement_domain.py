"""Payouts that overtake each other, without a database."""

from dataclasses import replace
from itertools import permutations
from uuid import uuid4

import pytest

from services.voucher.payout_facts.domain import KnownPayout, PayoutStage
from services.voucher.settlement.domain import ReturnedPayout, next_payout_step
from services.voucher.vouchers.domain import (
    VOUCHER,
    VoucherAction,
    VoucherState,
)
from tests.voucher.facts import IN_USE

S, A = VoucherState, VoucherAction


FIRST, SECOND = sorted((uuid4(), uuid4()))


HISTORY = [(FIRST, PayoutStage.OPENED), (FIRST, PayoutStage.RETURNED), (SECOND, PayoutStage.OPENED),
           (SECOND, PayoutStage.PAID)]  # fmt: skip


def orders() -> list[tuple[int, ...]]:
    """Every order of the history in which each payout's own events stay in order: all that a topic promises."""
    return [
        place for place in permutations(range(4)) if place.index(0) < place.index(1) and place.index(2) < place.index(3)
    ]


@pytest.mark.parametrize("order", orders())
def test_payouts_overtaking_each_other_end_alike(order: tuple[int, ...]) -> None:
    """Rejected, opened anew, paid: in whatever order the two payouts arrive, the voucher ends redeemed once."""
    voucher, known, taken = replace(IN_USE, status=S.CERTIFIED), {}, []
    for place in order:
        payout_id, stage = HISTORY[place]
        known[payout_id] = KnownPayout(payout_id, stage, "rejected_by_review")
        back = stage is PayoutStage.RETURNED
        news = [ReturnedPayout(voucher.voucher_id, payout_id, "rejected_by_review")] if back else []
        while step := next_payout_step(voucher, list(known.values()), news):
            news = [payout for payout in news if payout.payout_id != step.payout_id]
            taken.append(step.action)
            status = S(VOUCHER.edge(voucher.status, step.action).to)
            voucher = replace(voucher, status=status, payout_id=step.payout_afterwards)
    assert (voucher.status, voucher.payout_id) == (S.REDEEMED, SECOND)
    assert taken.count(A.REDEEM) == 1
