"""Binding and presenting without a database."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.voucher.bindings.domain import (
    BindRequest,
    ClaimedAfterStart,
    PresentedTooLate,
    VoucherNotPresentable,
    check_bind,
    check_present,
    is_bound_to,
)
from services.voucher.vouchers.domain import (
    ActDiffers,
    NotTheHolder,
    SkillDiffers,
    VoucherAction,
    VoucherAlreadyLive,
    VoucherFacts,
    VoucherState,
)
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import Held, WrongState
from tests.voucher.facts import BIND, CLAIMED, CLAIMED_AT, IN_USE

S, A = VoucherState, VoucherAction


@pytest.mark.parametrize(
    ("voucher", "request_", "refusal"),
    [
        (replace(CLAIMED, open_holds=1), BIND, Held),
        (replace(CLAIMED, status=S.IN_USE), BIND, WrongState),
        (CLAIMED, replace(BIND, person_id=uuid4()), NotTheHolder),
        (CLAIMED, replace(BIND, level=3), SkillDiffers),
        (CLAIMED, replace(BIND, skill_code="4-03-02-02"), SkillDiffers),
        (CLAIMED, replace(BIND, act="review"), ActDiffers),
        (replace(CLAIMED, occasion="review:2026-12-30"), BIND, ActDiffers),
        (CLAIMED, replace(BIND, presented_at=CLAIMED.valid_until), PresentedTooLate),
        (CLAIMED, replace(BIND, starts_on=date(2026, 11, 23)), ClaimedAfterStart),
        (replace(CLAIMED, status=S.EXPIRED), replace(BIND, presented_at=CLAIMED.valid_until), PresentedTooLate),
        (replace(CLAIMED, status=S.EXPIRED, skill_code=None, level=None, claimed_at=None), BIND, SkillDiffers),
    ],
)
def test_what_may_not_be_bound(voucher: VoucherFacts, request_: BindRequest, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        check_bind(voucher, request_)


def test_a_late_event_of_an_act_done_in_time_still_binds() -> None:
    last_moment = replace(BIND, presented_at=CLAIMED.valid_until - timedelta(microseconds=1))
    check_bind(replace(CLAIMED, status=S.EXPIRED), last_moment)
    with pytest.raises(VoucherAlreadyLive):
        check_bind(replace(CLAIMED, status=S.EXPIRED), last_moment, live_elsewhere=True)


def test_presenting() -> None:
    check_present(CLAIMED, CLAIMED_AT)
    for state in S:
        if state not in (S.CLAIMED, S.IN_USE):
            with pytest.raises(VoucherNotPresentable):
                check_present(replace(CLAIMED, status=state), CLAIMED_AT)
    with pytest.raises(PresentedTooLate):
        check_present(CLAIMED, CLAIMED.valid_until)
    with pytest.raises(Held):
        check_present(replace(CLAIMED, open_holds=1), CLAIMED_AT)


def test_only_the_bound_enrolment_gives_back() -> None:
    assert is_bound_to(IN_USE, BIND.enrolment_id)
    assert not is_bound_to(IN_USE, uuid4())
    assert not is_bound_to(replace(IN_USE, status=S.CERTIFIED), BIND.enrolment_id)
