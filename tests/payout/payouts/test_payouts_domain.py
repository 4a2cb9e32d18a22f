"""What a hold stops, and what can still be stopped."""

from services.payout.payouts.domain import PAYOUT, UNSENT, PayoutAction, PayoutState


def test_every_step_up_to_sending_is_stopped_by_a_hold_and_no_fact_is() -> None:
    facts = {
        PayoutAction.PAY, PayoutAction.FAIL, PayoutAction.LOSE, PayoutAction.REJECT, PayoutAction.WITHDRAW,
        PayoutAction.RETURN, PayoutAction.REVERSE, PayoutAction.SETTLE_DEBT, PayoutAction.HOLD, PayoutAction.LIFT_HOLD,
    }  # fmt: skip
    for (state, action), edge in PAYOUT.edges.items():
        if state is not None:
            assert edge.blocked_by_hold is (action not in facts), (state, action)


def test_what_is_with_the_bank_or_paid_is_neither_rejected_nor_withdrawn() -> None:
    for action in (PayoutAction.REJECT, PayoutAction.WITHDRAW):
        assert set(PAYOUT.sources(action)) == set(UNSENT)
    assert not {PayoutState.SENT, PayoutState.UNKNOWN, PayoutState.PAID} & set(UNSENT)
