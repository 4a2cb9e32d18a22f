"""Taking the bank's reports in, and applying their rows where two officers have answered for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import insert, update

from services.payout.accounts.queries import number_indexes
from services.payout.accounts.service import index_of_number
from services.payout.bank.domain import Answer, BankAnswer, ReturnReport
from services.payout.bank_formats.domain import (
    Answers,
    BankReportInvalid,
    ReportedAnswer,
    WholeRefusal,
    read_report,
)
from services.payout.bank_reports import queries
from services.payout.bank_reports.domain import (
    Asked,
    BankReportAction,
    BankReportFacts,
    FileInstructions,
    ReportRowFacts,
    ReportRules,
    RowKind,
    RowOutcome,
    judge,
    judge_incoming,
    judge_returned,
    only_for,
)
from services.payout.bank_reports.models import BankReport, BankReportRow
from services.payout.credit_notifications.domain import ReportedCredit, read_credits
from services.payout.holds.domain import HoldSource, Placement
from services.payout.incoming_payments.queries import incoming_with
from services.payout.incoming_payments.service import keep_incoming
from services.payout.instructions.domain import DueCall, Instruction, Reply
from services.payout.instructions.queries import find_instructions
from services.payout.instructions.service import lock_to_answer, record_answers
from services.payout.money_returns.queries import returns_with
from services.payout.money_returns.service import record_returned
from services.payout.payment_files.domain import PaymentFileFacts, digest_of
from services.payout.payment_files.queries import instructions_in, see_payment_file
from services.payout.payouts.domain import PayoutFacts
from services.payout.payouts.service import acting_officer, place_holds
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, rules_on
from shared.security import AreaOutsideScope, FieldCipher, Principal

ROWS_AT_ONCE = 200
"""Of a report in one transaction: what was applied before a process died stays, and the rest follows."""


async def upload_bank_report(uow: UnitOfWork, caller: Principal, content: bytes) -> BankReportFacts:
    """A finance officer uploads what the bank says of a file, or of credits on the account (R4, R23).

    The same bytes are the same report (digest). `BankReportInvalid`; `PaymentFileNotFound` for a file that the caller
    does not know; `AreaOutsideScope` for credits, unless the caller covers the city. Nothing has an effect yet. Numbers
    are kept as blind indexes alone, and of who pays in nothing is.
    """
    officer = await acting_officer(uow, caller)
    file_id, rows = await _read(uow, caller, content)
    digest = digest_of(content)
    known = await queries.find_by_digest(uow, digest)
    if known is not None:
        return known
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
    """What becomes of each row, answers or credits, judged with their payouts locked."""
    instructions = await find_instructions(uow, {row.instruction_id for row in rows if row.instruction_id is not None})
    payouts = await lock_to_answer(uow, instructions.values())
    by_kind = {kind: [row for row in rows if row.kind is kind] for kind in RowKind}
    if answers := by_kind[RowKind.ANSWER]:
        asked = await queries.find_asked(uow, instructions.values(), payouts)
        return await _apply_answers(uow, answers, asked)
    outcomes = await _apply_returned(uow, by_kind[RowKind.RETURNED], instructions, payouts)
    return outcomes | await _apply_incoming(uow, by_kind[RowKind.INCOMING])


async def _apply_answers(
    uow: UnitOfWork, rows: Sequence[ReportRowFacts], asked: dict[UUID, Asked]
) -> dict[UUID, RowOutcome]:
    """What is new goes where a call's answer goes.

    Where the bank says that it paid, and we know otherwise, nothing is paid again until officers have found out.
    """
    disputed = await queries.disputed_in(uow, {row.report_id for row in rows})
    outcomes: dict[UUID, RowOutcome] = {}
    replies: list[Reply] = []
    doubts: list[Placement] = []
    for row in rows:
        about = None if row.instruction_id is None else asked[row.instruction_id]
        outcome = outcomes[row.id] = judge(row, about, disputed=(row.report_id, row.instruction_id) in disputed)
        if about is not None and row.answer is not None and outcome is RowOutcome.APPLIED:
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


async def _apply_returned(
    uow: UnitOfWork,
    rows: Sequence[ReportRowFacts],
    instructions: Mapping[UUID, Instruction],
    payouts: Mapping[UUID, PayoutFacts],
) -> dict[UUID, RowOutcome]:
    """What is believed goes where what the bank reports when it is asked goes, under the same references (R23)."""
    reports = {
        row.id: ReturnReport(row.reference, row.instruction_id, row.amount_fen, row.reason)
        for row in rows
        if row.reference and row.instruction_id and row.amount_fen and row.reason
    }
    references = {report.reference for report in reports.values()}
    came_back, came_in = await returns_with(uow, references), await incoming_with(uow, references)
    known = {reference: (kept.instruction_id, kept.amount_fen) for reference, kept in came_back.items()}
    outcomes = {row.id: RowOutcome.UNMATCHED for row in rows}
    taken: dict[UUID, ReturnReport] = {}
    for row_id, report in reports.items():
        instruction, reference = instructions[report.instruction_id], report.reference
        payout = payouts[instruction.payout_id]
        outcome = judge_returned(report, instruction, payout, known.get(reference), came_in=reference in came_in)
        if outcome is RowOutcome.APPLIED and instruction.payout_id in taken:
            outcome = RowOutcome.CONTRADICTORY
        if outcome is RowOutcome.APPLIED:
            taken[instruction.payout_id] = report
            known[reference] = instruction.id, report.amount_fen
        outcomes[row_id] = outcome
    await record_returned(uow, list(taken.values()))
    return outcomes


async def _apply_incoming(uow: UnitOfWork, rows: Sequence[ReportRowFacts]) -> dict[UUID, RowOutcome]:
    """Money that came in is recorded once by its reference; an officer says afterwards whose debt it pays (R4)."""
    references = {row.reference for row in rows if row.reference is not None}
    known = {reference: kept.amount_fen for reference, kept in (await incoming_with(uow, references)).items()}
    came_back = await returns_with(uow, references)
    outcomes: dict[UUID, RowOutcome] = {}
    for row in rows:
        if row.reference is None or row.amount_fen is None or row.booked_on is None:
            continue
        outcome = judge_incoming(row.amount_fen, known.get(row.reference), came_back=row.reference in came_back)
        if outcome is RowOutcome.APPLIED:
            await keep_incoming(uow, row.reference, row.amount_fen, row.booked_on, recorded_by=None)
            known[row.reference] = row.amount_fen
        outcomes[row.id] = outcome
    return outcomes


async def _read(uow: UnitOfWork, caller: Principal, content: bytes) -> tuple[UUID | None, list[dict[str, object]]]:
    """The file that is answered, None where credits are notified, and what is kept of each row."""
    credited = read_credits(content)
    if credited is None:
        file_id, answers = read_report(content)
        return file_id, await _rows(uow, await see_payment_file(uow, caller, file_id), answers)
    if not caller.covers_city:
        raise AreaOutsideScope
    return None, await _credit_rows(uow, credited)


async def _credit_rows(uow: UnitOfWork, credits: Sequence[ReportedCredit]) -> list[dict[str, object]]:
    """What is kept of each credit: what came back is about the instruction that it names, by its id or its payout."""
    by_id = await find_instructions(uow, {credit.named for credit in credits if credit.named is not None})
    by_payout = await queries.instructions_of(uow, {credit.payout for credit in credits if credit.payout is not None})
    return [_credit_row(by_id, by_payout, credit) for credit in credits]


def _credit_row(
    by_id: Mapping[UUID, Instruction], by_payout: Mapping[UUID, Sequence[Instruction]], credit: ReportedCredit
) -> dict[str, object]:
    if credit.named is not None:
        meant = [by_id[credit.named]] if credit.named in by_id else []
    else:
        meant = list(by_payout.get(credit.payout, [])) if credit.payout is not None else []
    about = only_for(meant, credit.payout)
    return {
        "kind": RowKind.INCOMING if credit.code is None else RowKind.RETURNED,
        "named_id": credit.named or credit.payout,
        "instruction_id": None if about is None else about.id,
        "reference": credit.reference,
        "booked_on": credit.booked_on,
        "amount_fen": credit.amount_fen,
        "reason": credit.code,
    }


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
