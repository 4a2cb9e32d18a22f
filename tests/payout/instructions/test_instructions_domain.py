"""Under which id and after which pauses the bank is called."""

from services.payout.instructions.domain import PAUSE_MOST_S, instruction_id, pause_s
from shared.kernel.ids import uuid7


def test_the_first_instruction_is_the_payouts_own_id_and_pauses_grow() -> None:
    payout_id = uuid7()
    assert instruction_id(payout_id, 1) == payout_id
    assert instruction_id(payout_id, 2) != payout_id
    pauses = [pause_s(calls) for calls in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == PAUSE_MOST_S
