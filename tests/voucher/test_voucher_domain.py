"""The voucher's table and guards, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from services.voucher.certifications.domain import (
    AssessedBeforeCompletion,
    CertificateContradicts,
    CertifiedTooLate,
    CertifyRequest,
    CompletionMissing,
    check_certify,
)
from services.voucher.payout_facts.domain import PayoutHeard, PayoutStage, next_payout_step
from services.voucher.vouchers.domain import (
    LIVE,
    VOUCHER,
    BindRequest,
    ClaimedAfterStart,
    NotPresentable,
    NotTheHolder,
    PresentedTooLate,
    SkillDiffers,
    VoucherAction,
    VoucherAlreadyLive,
    VoucherFacts,
    VoucherStatus,
    check_bind,
    check_present,
    is_bound_to,
    rounds,
    valid_until,
)
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import Held, TransitionRefused

S, A = VoucherStatus, VoucherAction
CLAIMED_AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
CLAIMED = VoucherFacts(
    voucher_id=uuid4(),
    person_id=uuid4(),
    batch_id=uuid4(),
    rules_version="2022-03",
    status=S.CLAIMED,
    open_holds=0,
    skill_code="4-03-02-01",
    level=4,
    claimed_at=CLAIMED_AT,
    valid_until=valid_until(CLAIMED_AT, 90),
    enrolment_id=None,
    ends_on=None,
    payout_id=None,
)
BIND = BindRequest(
    voucher_id=CLAIMED.voucher_id,
    person_id=CLAIMED.person_id,
    enrolment_id=uuid4(),
    class_id=uuid4(),
    class_area="410402",
    channel="social",
    institution="x" * 18,
    payee_kind="institution",
    payee_id="x" * 18,
    mandate_id=None,
    skill_code="4-03-02-01",
    level=4,
    act="first",
    starts_on=date(2026, 12, 10),
    ends_on=date(2026, 12, 30),
    presented_at=CLAIMED_AT + timedelta(days=3),
)
IN_USE = replace(CLAIMED, status=S.IN_USE, enrolment_id=BIND.enrolment_id, ends_on=BIND.ends_on)
CERTIFY = CertifyRequest(
    voucher_id=CLAIMED.voucher_id,
    certificate_id=uuid4(),
    person_id=CLAIMED.person_id,
    skill_code="4-03-02-01",
    level=4,
    act="first",
    enrolment_id=BIND.enrolment_id,
    assessed_on=date(2027, 1, 10),
    completed_on=date(2026, 12, 30),
    issued_on=date(2027, 1, 12),
    jws="a.b.c",
)

EDGES = {
    A.CLAIM: {S.OFFERED: S.CLAIMED},
    A.BIND: {S.CLAIMED: S.IN_USE, S.EXPIRED: S.IN_USE},
    A.UNBIND: {S.IN_USE: S.CLAIMED},
    A.CERTIFY: {S.IN_USE: S.CERTIFIED, S.VOID_UNCERTIFIED: S.CERTIFIED},
    A.SETTLE: {S.CERTIFIED: S.SETTLING},
    A.REDEEM: {S.SETTLING: S.REDEEMED},
    A.BACK: {S.SETTLING: S.CERTIFIED, S.CERTIFIED: S.CERTIFIED},
    A.CLAW_BACK: {S.REDEEMED: S.CLAWED_BACK},
    A.EXPIRE: {S.OFFERED: S.EXPIRED, S.CLAIMED: S.EXPIRED},
    A.VOID: {S.IN_USE: S.VOID_UNCERTIFIED},
    A.CANCEL: dict.fromkeys((S.OFFERED, S.CLAIMED, S.IN_USE), S.CANCELLED),
    A.PROPOSE_CANCEL: {state: state for state in (S.OFFERED, S.CLAIMED, S.IN_USE)},
    A.HOLD: {state: state for state in LIVE},
    A.LIFT_HOLD: {state: state for state in S},
    A.REFUSE_BIND: {state: state for state in S},
    A.REFUSE_CERTIFY: {state: state for state in S},
}
"""DOMAIN §3, written down a second time on purpose."""


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", A)
def test_every_state_and_action(state: VoucherStatus, action: VoucherAction) -> None:
    expected = EDGES.get(action, {}).get(state)
    if expected is None:
        with pytest.raises(TransitionRefused):
            VOUCHER.edge(state, action)
    else:
        assert VOUCHER.edge(state, action).to is expected


def test_holds_block_decisions_and_no_facts() -> None:
    blocked = {action for (state, action), edge in VOUCHER.edges.items() if state and edge.blocked_by_hold}
    assert blocked == {A.CLAIM, A.BIND}


def test_validity_ends_with_a_day() -> None:
    """D3: 90 days from the claim, the last one whole."""
    assert valid_until(CLAIMED_AT, 90) == datetime(2027, 2, 21, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("voucher", "request_", "refusal"),
    [
        (replace(CLAIMED, open_holds=1), BIND, Held),
        (replace(CLAIMED, status=S.IN_USE), BIND, TransitionRefused),
        (CLAIMED, replace(BIND, person_id=uuid4()), NotTheHolder),
        (CLAIMED, replace(BIND, level=3), SkillDiffers),
        (CLAIMED, replace(BIND, skill_code="4-03-02-02"), SkillDiffers),
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


@pytest.mark.parametrize(
    ("voucher", "request_", "refusal"),
    [
        (CLAIMED, CERTIFY, TransitionRefused),
        (IN_USE, replace(CERTIFY, person_id=uuid4()), NotTheHolder),
        (IN_USE, replace(CERTIFY, level=5), SkillDiffers),
        (IN_USE, replace(CERTIFY, enrolment_id=uuid4()), CertificateContradicts),
        (IN_USE, replace(CERTIFY, completed_on=None), CompletionMissing),
        (IN_USE, replace(CERTIFY, assessed_on=None), CompletionMissing),
        (IN_USE, replace(CERTIFY, assessed_on=date(2026, 12, 29)), AssessedBeforeCompletion),
        (IN_USE, replace(CERTIFY, issued_on=date(2027, 6, 29)), CertifiedTooLate),
    ],
)
def test_what_does_not_certify(voucher: VoucherFacts, request_: CertifyRequest, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        check_certify(voucher, request_, void_after_days=180)


def test_certifying_under_a_hold_and_after_the_void() -> None:
    """A certificate is a fact already true elsewhere; issued in time, it revives a voided voucher (D21)."""
    in_time = replace(CERTIFY, issued_on=date(2027, 6, 28))
    check_certify(replace(IN_USE, open_holds=2), in_time, void_after_days=180)
    check_certify(replace(IN_USE, status=S.VOID_UNCERTIFIED), in_time, void_after_days=180)
    with pytest.raises(VoucherAlreadyLive):
        check_certify(replace(IN_USE, status=S.VOID_UNCERTIFIED), in_time, void_after_days=180, live_elsewhere=True)


def test_presenting() -> None:
    check_present(CLAIMED, CLAIMED_AT)
    for state in S:
        if state not in (S.CLAIMED, S.IN_USE):
            with pytest.raises(NotPresentable):
                check_present(replace(CLAIMED, status=state), CLAIMED_AT)
    with pytest.raises(PresentedTooLate):
        check_present(CLAIMED, CLAIMED.valid_until)
    with pytest.raises(Held):
        check_present(replace(CLAIMED, open_holds=1), CLAIMED_AT)


def test_only_the_bound_enrolment_gives_back() -> None:
    assert is_bound_to(IN_USE, BIND.enrolment_id)
    assert not is_bound_to(IN_USE, uuid4())
    assert not is_bound_to(replace(IN_USE, status=S.CERTIFIED), BIND.enrolment_id)


def test_rounds_keep_order_and_part_targets() -> None:
    assert rounds(["a", "b", "a", "a", "c"]) == [[0, 1, 4], [2], [3]]
    assert rounds([]) == []


FIRST, SECOND = sorted((uuid4(), uuid4()))
HISTORY = [(FIRST, PayoutStage.OPENED), (FIRST, PayoutStage.RETURNED), (SECOND, PayoutStage.OPENED),
           (SECOND, PayoutStage.PAID)]  # fmt: skip


def orders() -> list[tuple[int, ...]]:
    """Every order of the history in which each payout's own events stay in order: all that a topic promises."""
    return [one for one in permutations(range(4)) if one.index(0) < one.index(1) and one.index(2) < one.index(3)]


@pytest.mark.parametrize("order", orders())
def test_payouts_overtaking_each_other_end_alike(order: tuple[int, ...]) -> None:
    """Rejected, opened anew, paid: in whatever order the two payouts are heard, the voucher ends redeemed once."""
    voucher, heard, taken = replace(IN_USE, status=S.CERTIFIED), {}, []
    for place in order:
        payout_id, stage = HISTORY[place]
        heard[payout_id] = PayoutHeard(payout_id, stage, "rejected_by_review")
        returned = heard[payout_id] if stage is PayoutStage.RETURNED else None
        while step := next_payout_step(voucher, list(heard.values()), returned):
            if returned and step.payout_id == returned.payout_id:
                returned = None
            taken.append(step.action)
            back = step.action is A.BACK
            voucher = replace(
                voucher,
                status=S(VOUCHER.edge(voucher.status, step.action).to),
                payout_id=None if back else step.payout_id,
            )
    assert (voucher.status, voucher.payout_id) == (S.REDEEMED, SECOND)
    assert taken.count(A.REDEEM) == 1
