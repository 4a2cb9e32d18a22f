"""What the bank is instructed to pay, once and for all, and when it is called again (DOMAIN §4, 16)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.payout.bank.domain import BankAnswer
from services.payout.payouts.domain import PayoutAction, PayoutFacts, PayoutState
from shared.kernel.ids import uuid7
from shared.kernel.lifecycle import Held, WrongState

FIRST_PAUSE_S = 1
PAUSE_MOST_S = 60
NEVER_RECEIVED_CODE = "bank_never_received"
ACCOUNT_CLOSED_CODE = "bank_account_closed"


@dataclass(frozen=True, slots=True)
class BankRules:
    """The dated rules of what the bank does not answer."""

    bank_silence_hours: int
    """How long after it was given an instruction can still reach the bank; the database's own time."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """The pinned content of one attempt at paying: it is sent as it stands, however often, or not at all."""

    id: UUID
    payout_id: UUID
    attempt: int
    account_id: UUID
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DueCall:
    """An instruction whose turn it is: `calls` counts this call too.

    After `leased_until`, the database's own time, the call is somebody else's, and what is known of it is old.
    """

    instruction: Instruction
    calls: int
    leased_until: datetime

    @property
    def is_first(self) -> bool:
        """Whether the bank was never called for it: only then is it sent without asking."""
        return self.calls == 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call brought; `given` says that the instruction was sent, not only asked about."""

    call: DueCall
    answer: BankAnswer
    given: bool


def instruction_id(payout_id: UUID, attempt: int) -> UUID:
    """The payout's own id; a new one only for a later attempt, after the bank definitely refused the one before."""
    return payout_id if attempt == 1 else uuid7()


def pause_s(calls: int) -> int:
    """Seconds until an instruction without a final answer after `calls` calls, 1 at the least, is asked about again."""
    return min(FIRST_PAUSE_S << min(calls - 1, 10), PAUSE_MOST_S)


def may_be_given_up(given_at: datetime | None, recorded_at: datetime, silence_hours: int) -> bool:
    """Whether an instruction that the bank never received, and that may not be sent again, may only be rejected now.

    Only when the last time that it was given lies so far back that it cannot arrive any more.
    """
    return given_at is not None and recorded_at - given_at > timedelta(hours=silence_hours)


def check_resendable(payout: PayoutFacts, attempt: int) -> None:
    """Raise unless the instruction of `attempt`, which the bank never received, may be given again.

    No hold may stand: money that has not gone can still be stopped. The instruction of an earlier attempt, asked about
    before that attempt ended, is never given again.
    """
    if payout.attempt != attempt:
        raise WrongState(name="payout", state=payout.status, action=str(PayoutAction.SEND))
    if payout.status is not PayoutState.SENT:
        payout.decide(PayoutAction.SEND)
    elif payout.open_holds:
        raise Held(name="payout", action=str(PayoutAction.SEND))
