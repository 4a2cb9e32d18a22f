"""What the bank reports by a file: what a row of a report changes, and what two officers look at first."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.payout.bank.domain import Answer, ReturnReport
from services.payout.instructions.domain import Instruction
from services.payout.money_returns.domain import is_believed
from services.payout.payouts.domain import PayoutFacts
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import ByClock, ByPeople, Edge, Lifecycle


class BankReportState(StrEnum):
    """Where a report stands: nothing of it has an effect before another officer has confirmed it."""

    UPLOADED = "uploaded"
    CONFIRMED = "confirmed"
    APPLIED = "applied"
    REJECTED = "rejected"


class BankReportAction(StrEnum):
    """What is done to a report."""

    UPLOAD = "upload"
    CONFIRM = "confirm"
    APPLY = "apply"
    REJECT = "reject"


_S, _A = BankReportState, BankReportAction

BANK_REPORT = Lifecycle(
    "payout.bank_report",
    {
        (None, _A.UPLOAD): Edge(_S.UPLOADED, emits="bank_report.uploaded"),
        (_S.UPLOADED, _A.CONFIRM): Edge(_S.CONFIRMED, emits="bank_report.confirmed"),
        (_S.UPLOADED, _A.REJECT): Edge(_S.REJECTED, emits="bank_report.rejected"),
        (_S.CONFIRMED, _A.APPLY): Edge(_S.APPLIED, emits="bank_report.applied"),
    },
    {
        _S.UPLOADED: ByPeople("finance, by another officer"),
        _S.CONFIRMED: ByClock("payout.apply_bank_reports", "each of its rows has its outcome"),
    },
)


class RowKind(StrEnum):
    """What a row is about: a file's instruction, or a credit on the account."""

    ANSWER = "answer"
    """What became of an instruction of the file that the report answers."""
    RETURNED = "returned"
    """Money that was paid and came back (退汇, R23)."""
    INCOMING = "incoming"
    """Money that somebody paid to the account (到账, R4)."""


class RowOutcome(StrEnum):
    """What became of a row; one bad row never takes the others with it."""

    APPLIED = "applied"
    """The instruction has this answer, the payout went back, or the money is recorded, by this row."""
    KNOWN = "known"
    """Nothing new: it was answered so before, the bank is still at it, or its reference is known to say the same."""
    CONTRADICTORY = "contradictory"
    """It says otherwise than what is known of the instruction or the reference, or than another row of the report."""
    MISMATCHED = "mismatched"
    """It says another amount or account than the instruction pinned, or does not say it."""
    UNMATCHED = "unmatched"
    """It is about no instruction: of the file that the report answers, or of all where it answers none."""


HELD = (RowOutcome.CONTRADICTORY, RowOutcome.MISMATCHED, RowOutcome.UNMATCHED)
"""These change nothing and wait for two officers (R23)."""
_FINAL = (Answer.PAID, Answer.FAILED)


class BankReportNotFound(NotFound):
    """No such report in the caller's scope."""

    code = "bank_report_not_found"
    zh, en = "未找到该银行回单", "There is no such bank report."


class BankReportRowNotFound(NotFound):
    """No such row of a report in the caller's scope."""

    code = "bank_report_row_not_found"
    zh, en = "未找到该回单明细", "There is no such row of a bank report."


class BankReportSamePerson(Conflict):
    """Whoever uploads a report and confirms it, or proposes to set a row aside and does it, are two natural persons."""

    code = "bank_report_same_person"
    policy = "R23"
    zh, en = (
        "银行回单的上传与确认、明细的提议与确认须由不同自然人办理",
        "Two natural persons upload and confirm a bank report, and set a row of it aside.",
    )


class BankReportRowDecided(Conflict):
    """The row is not held, or two officers have set it aside: nothing waits."""

    code = "bank_report_row_decided"
    policy = "R23"
    zh, en = "该回单明细无须处理或已处理", "This row does not wait for anybody."


@dataclass(frozen=True, slots=True)
class ReportRules:
    """The dated rules of what is late about files, in whole working days (R1)."""

    payment_file_unfetched_working_days: int
    """From the writing of a file to the first time that finance takes it away."""
    payment_file_unanswered_working_days: int
    """From the writing of a file to the bank's answer for each of its instructions."""
    bank_report_held_working_days: int
    """From the outcome of a held row to the two officers who set it aside."""


@dataclass(frozen=True, slots=True)
class BankReportFacts:
    """A report as decisions and answers read it; its bytes are kept nowhere, their digest is.

    `file_id` is None where it answers no file: it notifies credits on the account.
    """

    id: UUID
    status: BankReportState
    version: int
    file_id: UUID | None
    digest: str
    count: int
    uploaded_by: UUID
    confirmed_by: UUID | None
    created_at: datetime

    def check_second_officer(self, records: Set[UUID]) -> None:
        """`BankReportSamePerson` if the person of `records` uploaded it."""
        if self.uploaded_by in records:
            raise BankReportSamePerson


@dataclass(frozen=True, slots=True)
class ReportRowFacts:
    """A row as it is kept: no number and no name; `number_index` compares the account without showing it.

    `instruction_id` is None where the row is about none; `named_id` is what the bank named. An answer has `answer`, a
    credit the bank's own `reference` and the day of its booking.
    """

    id: UUID
    report_id: UUID
    number: int
    kind: RowKind
    named_id: UUID | None
    instruction_id: UUID | None
    answer: Answer | None
    reference: str | None
    booked_on: date | None
    amount_fen: int | None
    number_index: bytes | None
    reason: str | None
    outcome: RowOutcome | None
    judged_at: datetime | None
    proposed_by: UUID | None
    dismissed_by: UUID | None
    dismissed_at: datetime | None

    def check_waits(self) -> None:
        """`BankReportRowDecided` unless two officers have still to look at it."""
        if self.outcome not in HELD or self.dismissed_at is not None:
            raise BankReportRowDecided

    def check_second_officer(self, records: Set[UUID]) -> None:
        """`BankReportSamePerson` if the person of `records` proposed."""
        if self.proposed_by in records:
            raise BankReportSamePerson


@dataclass(frozen=True, slots=True)
class Asked:
    """What the bank was asked by a file, and what is known of it.

    `instruction.amount_fen` is what is to be paid; `known` the bank's answer so far, PAID also where it gave the money
    back later; `awaited` says that an answer is still waited for.
    """

    instruction: Instruction
    number_index: bytes
    known: Answer | None
    awaited: bool


@dataclass(frozen=True, slots=True)
class FileInstructions:
    """The instructions of a file, by what a row may name."""

    by_id: Mapping[UUID, Instruction]
    by_payout: Mapping[UUID, Instruction]

    @classmethod
    def of(cls, instructions: Sequence[Instruction]) -> "FileInstructions":
        """All instructions of one file."""
        return cls({each.id: each for each in instructions}, {each.payout_id: each for each in instructions})

    def match(self, named: UUID | None, reference: UUID | None) -> Instruction | None:
        """The one that a row is about: by its id, else by its payout; both agree where both are named."""
        if named is None:
            return None if reference is None else self.by_payout.get(reference)
        found = self.by_id.get(named)
        return found if found is not None and reference in (None, found.payout_id) else None


def judge(row: ReportRowFacts, asked: Asked | None, *, disputed: bool) -> RowOutcome:
    """What becomes of a row of a confirmed report; `disputed` says that the report says two things of the instruction.

    An answer that comes late, after the attempt had its end, is known if it says the same, and held if it does not.
    """
    if asked is None:
        return RowOutcome.UNMATCHED
    if (row.amount_fen, row.number_index) != (asked.instruction.amount_fen, asked.number_index):
        return RowOutcome.MISMATCHED
    if disputed:
        return RowOutcome.CONTRADICTORY
    if row.answer not in _FINAL or row.answer is asked.known:
        return RowOutcome.KNOWN
    return RowOutcome.APPLIED if asked.awaited else RowOutcome.CONTRADICTORY


def only_for(instructions: Sequence[Instruction], payout_id: UUID | None) -> Instruction | None:
    """The instruction whose money came back, of those that the bank may mean; None if that would be a guess.

    A payout that the bank was asked for twice is not enough: taken for the later attempt, it would be paid once more.
    """
    meant = [instruction for instruction in instructions if payout_id in (None, instruction.payout_id)]
    return meant[0] if len(meant) == 1 else None


def judge_returned(
    report: ReturnReport,
    instruction: Instruction,
    payout: PayoutFacts,
    known: tuple[UUID, int] | None,
    *,
    came_in: bool,
) -> RowOutcome:
    """What becomes of a row about money that came back (R23); `came_in` says that its reference is of incoming money.

    `known` are the instruction and the fen that its reference says already. What is not believed at once waits as a row
    and leaves its reference free.
    """
    if known == (instruction.id, report.amount_fen):
        return RowOutcome.KNOWN
    if known is not None or came_in:
        return RowOutcome.CONTRADICTORY
    if report.amount_fen != instruction.amount_fen:
        return RowOutcome.MISMATCHED
    return RowOutcome.APPLIED if is_believed(report, instruction, payout) else RowOutcome.CONTRADICTORY


def judge_incoming(amount_fen: int, known_fen: int | None, *, came_back: bool) -> RowOutcome:
    """What becomes of a row about incoming money (R4); `came_back` says that its reference is of returned money.

    `known_fen` is what is recorded under its reference already, whoever recorded it.
    """
    if came_back:
        return RowOutcome.CONTRADICTORY
    if known_fen is None:
        return RowOutcome.APPLIED
    return RowOutcome.KNOWN if known_fen == amount_fen else RowOutcome.CONTRADICTORY
