"""Payment batches: one finance officer builds, another releases (拨付, §三(二))."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.payout.bank.domain import BankChannel
from services.payout.instructions.domain import Instruction
from services.payout.payouts.domain import PayoutFacts
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import ByClock, ByPeople, Edge, Lifecycle

PAYOUTS_MOST = 1_000


class PaymentBatchState(StrEnum):
    """Where a batch stands; settled once the bank has answered for every payout that was sent."""

    BUILT = "built"
    RELEASED = "released"
    SETTLED = "settled"


class PaymentBatchAction(StrEnum):
    """What is done to a batch."""

    BUILD = "build"
    ENDORSE = "endorse"
    RELEASE = "release"
    SETTLE = "settle"


PAYMENT_BATCH = Lifecycle(
    "payout.payment_batch",
    {
        (None, PaymentBatchAction.BUILD): Edge(PaymentBatchState.BUILT, emits="payment_batch.built"),
        (PaymentBatchState.BUILT, PaymentBatchAction.ENDORSE): Edge(
            PaymentBatchState.BUILT, emits="payment_batch.endorsed"
        ),
        (PaymentBatchState.BUILT, PaymentBatchAction.RELEASE): Edge(
            PaymentBatchState.RELEASED, emits="payment_batch.released"
        ),
        (PaymentBatchState.RELEASED, PaymentBatchAction.SETTLE): Edge(
            PaymentBatchState.SETTLED, emits="payment_batch.settled"
        ),
    },
    {
        PaymentBatchState.BUILT: ByPeople("finance, by another officer"),
        PaymentBatchState.RELEASED: ByClock("payout.settle_batches", "the bank has answered for each of its payouts"),
    },
)


class PaymentBatchNotFound(NotFound):
    """No such batch in the caller's scope."""

    code = "payment_batch_not_found"
    zh, en = "未找到该拨付批次", "There is no such payment batch."


@dataclass(frozen=True, slots=True)
class ReleaseRules:
    """The dated rules of releases."""

    second_release_above_fen: int
    """Above this sum two finance officers release a batch (R18); a batch keeps the limit of the day it was built."""
    payment_files_accepted: bool
    """Whether a batch may go in a file: only while the bank's answers to files are read (R1)."""


class PaymentFilesNotAccepted(Conflict):
    """What goes in a file has its answer in a file: a dated switch says whether those are read."""

    code = "payment_files_not_accepted"
    policy = "R1"
    zh, en = (
        "暂不能以文件方式拨付,请选择接口方式",
        "No batch goes to the bank in a file now; choose the channel http.",
    )


def check_channel(channel: BankChannel, rules: ReleaseRules) -> None:
    """`PaymentFilesNotAccepted` for a file while the switch is off."""
    if channel is not BankChannel.HTTP and not rules.payment_files_accepted:
        raise PaymentFilesNotAccepted


class SecondReleaserMissing(Conflict):
    """A batch above the limit is released by two finance officers: one endorses it, the other releases it."""

    code = "second_releaser_missing"
    policy = "R18"
    zh, en = (
        "批次金额超过限额,须先由另一名人员同意放行",
        "The batch is above the limit: another officer endorses it first.",
    )


class NotEndorsable(Conflict):
    """Only a batch above the limit is endorsed, and once."""

    code = "not_endorsable"
    policy = "R18"
    zh, en = "该批次无需或已经同意放行", "The batch needs no endorsement, or has it."


class NothingToPay(Conflict):
    """No payout could be put on the batch."""

    code = "nothing_to_pay"
    policy = "§三(二)"
    zh, en = "没有可拨付的兑现记录", "No payout can be paid from this fund now."


class PayoutOfAnotherFund(Conflict):
    """A batch pays from one fund; this payout's money is reserved in another."""

    code = "payout_of_another_fund"
    policy = "§三(三)"
    zh, en = "该兑现记录的资金不在本批次资金内", "This payout's money is reserved in another fund."


class InstructionNotPinned(Conflict):
    """No approval pinned what is to be sent for this payout, or not through a batch that two officers answered for."""

    code = "instruction_not_pinned"
    policy = "DOMAIN §5"
    zh, en = "该兑现记录没有经批准和放行的支付指令", "No approved and released instruction is there for this payout."


@dataclass(frozen=True, slots=True)
class PaymentBatchFacts:
    """A list of payouts of one fund; `amount_fen` is their sum."""

    id: UUID
    fund_id: UUID
    area: str
    status: PaymentBatchState
    version: int
    count: int
    amount_fen: int
    second_release_above_fen: int
    channel: BankChannel
    built_by: UUID
    endorsed_by: UUID | None
    released_by: UUID | None
    created_at: datetime

    @property
    def needs_second_release(self) -> bool:
        """Whether two finance officers release it (R18)."""
        return self.amount_fen > self.second_release_above_fen

    @property
    def endorsed(self) -> bool:
        """Whether the first of the two who release it has done so."""
        return self.endorsed_by is not None

    def check_endorsable(self) -> None:
        """Raise `WrongState`, or `NotEndorsable` unless another officer's endorsement is needed and missing."""
        PAYMENT_BATCH.decide(self.status, PaymentBatchAction.ENDORSE)
        if not self.needs_second_release or self.endorsed_by is not None:
            raise NotEndorsable

    def check_releasable(self) -> None:
        """Raise `WrongState`, or `SecondReleaserMissing` above the limit without an endorsement."""
        PAYMENT_BATCH.decide(self.status, PaymentBatchAction.RELEASE)
        if self.needs_second_release and self.endorsed_by is None:
            raise SecondReleaserMissing


@dataclass(frozen=True, slots=True)
class PaymentBatchItemFacts:
    """One payout on a batch, at one attempt."""

    batch_id: UUID
    payout_id: UUID
    attempt: int


def check_released(payout: PayoutFacts, instruction: Instruction | None, batch: PaymentBatchFacts | None) -> None:
    """Raise `InstructionNotPinned` unless an approval pinned the payout's amount, and two officers answered for it.

    `batch` is the released one that the attempt is on: its builder and its releaser are those named on the payout.
    """
    named = (payout.officers.batched_by, payout.officers.released_by)
    if instruction is None or instruction.amount_fen != payout.amount_fen:
        raise InstructionNotPinned
    if batch is None or (batch.built_by, batch.released_by) != named:
        raise InstructionNotPinned
