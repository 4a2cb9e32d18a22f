"""退汇: which report of returned money is believed at once, and which waits for two officers (R23)."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payout.bank.domain import ReturnReport
from services.payout.instructions.domain import Instruction
from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.kernel.errors import Conflict, NotFound


class MoneyReturnNotFound(NotFound):
    """No such report in the caller's scope."""

    code = "money_return_not_found"
    zh, en = "未找到该退汇记录", "There is no such report of returned money."


class MoneyReturnDecided(Conflict):
    """The payout has taken this money back, or two officers have set the report aside: nothing waits."""

    code = "money_return_decided"
    policy = "R23"
    zh, en = "该退汇记录已处理", "This report of returned money has been dealt with."


class MoneyReturnSamePerson(Conflict):
    """Whoever proposes to set a report aside and whoever does it are two natural persons."""

    code = "money_return_same_person"
    policy = "R23"
    zh, en = "退汇记录的提议与确认须由不同自然人办理", "A report is set aside by two natural persons."


@dataclass(frozen=True, slots=True)
class MoneyReturnFacts:
    """A report as it is kept; `taken` says that the payout went back by it, otherwise two officers look at it."""

    id: UUID
    reference: str
    instruction_id: UUID
    payout_id: UUID
    amount_fen: int
    code: str
    taken: bool
    reported_at: datetime
    proposed_by: UUID | None
    dismissed_by: UUID | None
    dismissed_at: datetime | None

    def check_waits(self) -> None:
        """`MoneyReturnDecided` unless two officers have still to look at it."""
        if self.taken or self.dismissed_at is not None:
            raise MoneyReturnDecided

    def check_second_officer(self, records: Set[UUID]) -> None:
        """`MoneyReturnSamePerson` if the person of `records` proposed."""
        if self.proposed_by in records:
            raise MoneyReturnSamePerson


def is_believed(report: ReturnReport, instruction: Instruction, payout: PayoutFacts) -> bool:
    """Whether the payout goes back at once: paid by this very attempt, and all of the money came back.

    `instruction.amount_fen` is what the bank was instructed to pay. A report about an earlier attempt, or of another
    amount, or for a payout that is not paid, waits for two officers.
    """
    return (
        payout.status is PayoutState.PAID
        and payout.attempt == instruction.attempt
        and report.amount_fen == instruction.amount_fen
    )
