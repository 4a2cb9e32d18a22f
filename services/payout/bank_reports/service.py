"""Taking the bank's reports in, and applying their rows where two officers have answered for them."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import insert, update

from services.payout.accounts.queries import number_indexes
from services.payout.accounts.service import index_of_number
from services.payout.bank.domain import Answer, BankAnswer
from services.payout.bank_formats.domain import (
    Answers,
    BankReportInvalid,
    ReportedAnswer,
    WholeRefusal,
    read_report,
)
from services.payout.bank_reports import queries
from services.payout.bank_reports.domain import (
    BankReportAction,
    BankReportFacts,
    FileInstructions,
    ReportRowFacts,
    ReportRules,
    RowOutcome,
    judge,
)
from services.payout.bank_reports.models import BankReport, BankReportRow
from services.payout.holds.domain import HoldSource, Placement
from services.payout.instructions.domain import DueCall, Reply
from services.payout.instructions.queries import find_instructions
from services.payout.instructions.service import lock_to_answer, record_answers
from services.payout.payment_files.domain import PaymentFileFacts, digest_of
from services.payout.payment_files.queries import instructions_in, see_payment_file
from services.payout.payouts.service import acting_officer, place_holds
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, rules_on
from shared.security import FieldCipher, Principal

ROWS_AT_ONCE = 200
"""Of a report in one transaction: what was applied before a process died stays, and the rest follows."""


async def upload_bank_report(uow: UnitOfWork, caller: Principal, content: bytes) -> BankReportFacts:
    """A finance officer uploads what the bank says of a file. The same bytes are the same report (digest).

    `BankReportInvalid`, or `PaymentFileNotFound` for a file that the caller does not know. Nothing has an effect yet.
    Numbers are kept as blind indexes alone.
    """
    officer = await acting_officer(uow, caller)
    file_id, answers = read_report(content)
    file = await see_payment_file(uow, caller, file_id)
    digest = digest_of(content)
    known = await queries.find_by_digest(uow, digest)
    if known is not None:
        return known
    rows = await _rows(uow, file, answers)
    report = BankReport(file_id=file_id, digest=digest, count=len(rows), uploaded_by=officer.person_id)
    uow.create(report, BankReportAction.UPLOAD)
    await uow.session.flush()
    kept = [
        {"id": uuid7(), "report_id": report.id, "file_id": file_id, "number": number, **said}
        for number, said in enumerate(rows, 1)
    ]
    await uow.session.execute(insert(BankReportRow).values(kept))
    return report.facts()


async def confirm_bank_report(uow: UnitOfWork, caller: Principal, report_id: UUID) -> BankReportFacts:
    """Another finance officer confirms that this is what the bank says: its rows take effect, each on its own."""
    officer = await acting_officer(uow, caller)
    row = await _lock(uow, caller, report_id)
    row.facts().check_second_officer(officer.records)
    row.confirmed_by = officer.person_id
    uow.move(row, BankReportAction.CONFIRM)
    await uow.session.flush()
    return row.facts()


async def reject_bank_report(uow: UnitOfWork, caller: Principal, report_id: UUID) -> BankReportFacts:
    """A finance officer, the uploader too, gives an unconfirmed report up: the same bytes may be uploaded again."""
    await acting_officer(uow, caller)
    row = await _lock(uow, caller, report_id)
    uow.move(row, BankReportAction.REJECT)
    await uow.session.flush()
    return row.facts()


async def dismiss_report_row(uow: UnitOfWork, caller: Principal, row_id: UUID) -> ReportRowFacts:
    """A finance officer proposes to set a held row aside; another does it. No money moves by that (R23)."""
    officer = await acting_officer(uow, caller)
    row = await queries.lock_report_row(uow, caller, row_id)
    facts = row.facts()
    facts.check_waits()
    facts.check_second_officer(officer.records)
    if facts.proposed_by is None:
        row.proposed_by = officer.person_id
    else:
        row.dismissed_by, row.dismissed_at = officer.person_id, uow.now
    await uow.session.flush()
    return row.facts()


async def apply_bank_reports(uow: UnitOfWork, limit: int) -> int:
    """Give rows of confirmed reports their outcome, and the payouts what the bank answered, as after a call.

    A row's outcome is written by the transaction that it has its effect in: a row is applied at most once, and what was
    applied before a process died stays. A report is applied once each of its rows has its outcome.
    """
    rows = await queries.lock_waiting_rows(uow, min(limit, ROWS_AT_ONCE))
    if rows:
        outcomes = await _apply(uow, rows)
        written = [{"id": row_id, "outcome": outcome, "judged_at": uow.now} for row_id, outcome in outcomes.items()]
        await uow.session.execute(update(BankReportRow), written)
    finished = await queries.finished_reports(uow, limit)
    await uow.lock_rows(BankReport, finished, against="a report that is finished twice")
    return len(rows) + len(await uow.move_all(BankReport, BankReportAction.APPLY, finished))


async def count_late_files(uow: UnitOfWork) -> dict[str, int]:
    """Files that nobody fetched, instructions that the bank did not answer, and held rows, beyond their days (R1)."""
    rules = await rules_on(uow, ReportRules, uow.today)
    return {
        "payment_file_unfetched": await queries.count_unfetched(uow, rules.payment_file_unfetched_working_days),
        "payment_file_unanswered": await queries.count_unanswered(uow, rules.payment_file_unanswered_working_days),
        "bank_report_held": await queries.count_held(uow, rules.bank_report_held_working_days),
    }


async def _apply(uow: UnitOfWork, rows: Sequence[ReportRowFacts]) -> dict[UUID, RowOutcome]:
    """What becomes of each row, judged with its payout locked; what is new goes where a call's answer goes.

    Where the bank says that it paid, and we know otherwise, nothing is paid again until officers have found out.
    """
    instructions = await find_instructions(uow, {row.instruction_id for row in rows if row.instruction_id is not None})
    payouts = await lock_to_answer(uow, instructions.values())
    asked = await queries.find_asked(uow, instructions.values(), payouts)
    disputed = await queries.disputed_in(uow, {row.report_id for row in rows})
    outcomes: dict[UUID, RowOutcome] = {}
    replies: list[Reply] = []
    doubts: list[Placement] = []
    for row in rows:
        about = None if row.instruction_id is None else asked[row.instruction_id]
        outcome = outcomes[row.id] = judge(row, about, disputed=(row.report_id, row.instruction_id) in disputed)
        if about is not None and outcome is RowOutcome.APPLIED:
            call = DueCall(about.instruction, calls=0, leased_until=uow.recorded_at)
            replies.append(Reply(call, BankAnswer(row.answer, row.reason), given=False))
            asked[about.instruction.id] = replace(about, known=row.answer, awaited=False)
        elif about is not None and outcome is RowOutcome.CONTRADICTORY and row.answer is Answer.PAID:
            doubts.append(
                Placement(about.instruction.payout_id, HoldSource.BANK, str(row.id), "bank_report_contradicts")
            )
    await record_answers(uow, replies)
    await place_holds(uow, doubts)
    return outcomes


async def _rows(uow: UnitOfWork, file: PaymentFileFacts, answers: Answers) -> list[dict[str, object]]:
    """What is kept of each row of a report about a file.

    A file that the bank refuses as a whole, by its number of instructions and their sum, is refused in each of them.
    """
    instructions = await instructions_in(uow, file.id)
    if not isinstance(answers, WholeRefusal):
        of_file = FileInstructions.of(instructions)
        return [_row(uow.keys.fields, of_file, said) for said in answers]
    if (answers.count, answers.amount_fen) != (file.count, file.amount_fen):
        raise BankReportInvalid(problem="totals")
    indexes = await number_indexes(uow, {instruction.account_id for instruction in instructions})
    return [
        {
            "named_id": instruction.id,
            "instruction_id": instruction.id,
            "answer": Answer.FAILED,
            "amount_fen": instruction.amount_fen,
            "number_index": indexes[instruction.account_id],
            "reason": answers.reason,
        }
        for instruction in instructions
    ]


def _row(cipher: FieldCipher, of_file: FileInstructions, said: ReportedAnswer) -> dict[str, object]:
    about = of_file.match(said.named, said.reference)
    return {
        "named_id": said.named or said.reference,
        "instruction_id": None if about is None else about.id,
        "answer": said.answer,
        "amount_fen": said.amount_fen,
        "number_index": None if said.account_number is None else index_of_number(cipher, said.account_number),
        "reason": said.reason,
    }


async def _lock(uow: UnitOfWork, caller: Principal, report_id: UUID) -> BankReport:
    """The report in the caller's scope, in the hands of one officer at a time."""
    await queries.see_bank_report(uow, caller, report_id)
    return (await uow.lock_rows(BankReport, [report_id], against="a report confirmed while it is rejected"))[report_id]
