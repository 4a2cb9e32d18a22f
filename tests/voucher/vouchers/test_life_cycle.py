"""The life cycle, written down a second time."""

import pytest

from services.voucher.vouchers.domain import LIVE, VOUCHER, VoucherAction, VoucherState
from shared.kernel.lifecycle import WrongState

S, A = VoucherState, VoucherAction


EDGES = {
    A.CLAIM: {S.OFFERED: S.CLAIMED},
    A.BIND: {S.CLAIMED: S.IN_USE, S.EXPIRED: S.IN_USE},
    A.UNBIND: {S.IN_USE: S.CLAIMED},
    A.CERTIFY: {S.IN_USE: S.CERTIFIED, S.VOID_UNCERTIFIED: S.CERTIFIED},
    A.UNCERTIFY: {S.CERTIFIED: S.IN_USE, S.SETTLING: S.IN_USE},
    A.LAPSE: {S.CERTIFIED: S.LAPSED, S.SETTLING: S.LAPSED},
    A.SETTLE: {S.CERTIFIED: S.SETTLING},
    A.REDEEM: dict.fromkeys((S.SETTLING, S.LAPSED, S.IN_USE, S.VOID_UNCERTIFIED), S.REDEEMED),
    A.BACK: {S.SETTLING: S.CERTIFIED, S.CERTIFIED: S.CERTIFIED},
    A.CLAW_BACK: {S.REDEEMED: S.CLAWED_BACK},
    A.WARN: {S.CLAIMED: S.CLAIMED},
    A.GIVE_BACK: {S.CLAIMED: S.GIVEN_BACK},
    **{
        action: {state: state for state in (S.OFFERED, S.CLAIMED, S.IN_USE)}
        for action in (A.REFUSE_CANCEL, A.WITHDRAW_CANCEL, A.LAPSE_CANCEL)
    },
    A.EXPIRE: {S.OFFERED: S.EXPIRED, S.CLAIMED: S.EXPIRED},
    A.VOID: {S.IN_USE: S.VOID_UNCERTIFIED},
    A.CANCEL: dict.fromkeys((S.OFFERED, S.CLAIMED, S.IN_USE), S.CANCELLED),
    A.PROPOSE_CANCEL: {state: state for state in (S.OFFERED, S.CLAIMED, S.IN_USE)},
    A.JUDGE: {state: state for state in (S.CERTIFIED, S.SETTLING, S.LAPSED)},
    A.HOLD: {state: state for state in (*LIVE, S.VOID_UNCERTIFIED, S.LAPSED, S.REDEEMED)},
    A.LIFT_HOLD: {state: state for state in S},
    A.REFUSE_BIND: {state: state for state in S},
    A.REFUSE_CERTIFY: {state: state for state in S},
}
"""DOMAIN §3, written down a second time on purpose."""


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", A)
def test_every_state_and_action(state: VoucherState, action: VoucherAction) -> None:
    expected = EDGES.get(action, {}).get(state)
    if expected is None:
        with pytest.raises(WrongState):
            VOUCHER.edge(state, action)
    else:
        assert VOUCHER.edge(state, action).to is expected


def test_holds_block_decisions_and_no_facts() -> None:
    blocked = {action for (state, action), edge in VOUCHER.edges.items() if state and edge.blocked_by_hold}
    assert blocked == {A.CLAIM, A.BIND, A.GIVE_BACK}
