"""Reading the bank's reports, and what the bank was asked."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select

from services.payout.accounts.queries import number_indexes
from services.payout.bank.domain import Answer
from services.payout.bank_reports.domain import (
    HELD,
    Asked,
    BankReportFacts,
    BankReportNotFound,
    BankReportRowNotFound,
    BankReportState,
    ReportRowFacts,
    RowKind,
)
from services.payout.bank_reports.models import BankReport, BankReportRow
from services.payout.instructions.domain import Instruction
from services.payout.instructions.models import Delivery
from services.payout.instructions.queries import find_instructions
from services.payout.payment_batches.models import PaymentBatch
from services.payout.payment_batches.queries import in_scope
from services.payout.payment_files.models import PaymentFile, PaymentFileDownload, PaymentFileItem
from services.payout.payouts.domain import AT_THE_BANK, PayoutFacts
from shared.kernel.clock import start_of_day
from shared.persistence import UnitOfWork
from shared.reference.calendar import first_in_time
from shared.security import Principal

KNOWN = {"paid": Answer.PAID, "returned": Answer.PAID, "failed": Answer.FAILED}
_IS_HELD = BankReportRow.outcome.in_(HELD) & BankReportRow.dismissed_at.is_(None)


def _visible(caller: Principal) -> Select[BankReport]:
    """Reports about files of batches in the caller's areas; whoever covers the city sees those of credits too."""
    query = select(BankReport).outerjoin(PaymentFile, PaymentFile.id == BankReport.file_id)
    return query.outerjoin(PaymentBatch, PaymentBatch.id == PaymentFile.batch_id).where(in_scope(caller))


async def list_bank_reports(
    uow: UnitOfWork,
    caller: Principal,
    file_id: UUID | None,
    status: BankReportState | None,
    *,
    after: UUID | None,
    limit: int,
) -> list[BankReportFacts]:
    """A page of reports in the caller's scope, ascending by id."""
    query = _visible(caller).order_by(BankReport.id).limit(limit)
    for column, asked in ((BankReport.file_id, file_id), (BankReport.status, status)):
        if asked is not None:
            query = query.where(column == asked)
    if after is not None:
        query = query.where(BankReport.id > after)
    return [row.facts() for row in await uow.session.scalars(query)]


async def see_bank_report(uow: UnitOfWork, caller: Principal, report_id: UUID) -> BankReportFacts:
    """The report; `BankReportNotFound` if there is none or the caller may not know."""
    query = _visible(caller).where(BankReport.id == report_id)
    row = await uow.session.scalar(query, execution_options={"populate_existing": True})
    if row is None:
        raise BankReportNotFound
    return row.facts()


async def find_by_digest(uow: UnitOfWork, digest: str) -> BankReportFacts | None:
    """The report with these bytes that was not rejected, if there is one."""
    query = select(BankReport).where(BankReport.digest == digest, BankReport.status != BankReportState.REJECTED)
    row = await uow.session.scalar(query)
    return None if row is None else row.facts()


async def list_report_rows(
    uow: UnitOfWork,
    caller: Principal,
    report_id: UUID | None,
    *,
    held: bool | None,
    after: UUID | None,
    limit: int,
) -> list[ReportRowFacts]:
    """A page of rows in the caller's scope, ascending by id; `held` those that wait for two officers."""
    query = select(BankReportRow).where(_row_in_scope(caller)).order_by(BankReportRow.id).limit(limit)
    if report_id is not None:
        query = query.where(BankReportRow.report_id == report_id)
    if held is not None:
        query = query.where(_IS_HELD if held else ~func.coalesce(_IS_HELD, False))
    if after is not None:
        query = query.where(BankReportRow.id > after)
    return [row.facts() for row in await uow.session.scalars(query)]


async def lock_report_row(uow: UnitOfWork, caller: Principal, row_id: UUID) -> BankReportRow:
    """The row, locked against two officers who set it aside at once; `BankReportRowNotFound` if there is none."""
    query = select(BankReportRow).where(BankReportRow.id == row_id, _row_in_scope(caller)).with_for_update()
    row = await uow.session.scalar(query, execution_options={"populate_existing": True})
    if row is None:
        raise BankReportRowNotFound
    return row


async def lock_waiting_rows(uow: UnitOfWork, limit: int) -> list[ReportRowFacts]:
    """Rows of confirmed reports without an outcome, locked against another process that applies them.

    Answers or credits, oldest first: no credit before the last answer, for what is paid in a transaction cannot come
    back in it.
    """
    query = select(BankReportRow).join(BankReport, BankReport.id == BankReportRow.report_id)
    query = query.where(BankReport.status == BankReportState.CONFIRMED, BankReportRow.outcome.is_(None))
    is_credit = BankReportRow.kind != RowKind.ANSWER
    query = query.order_by(is_credit, BankReportRow.report_id, BankReportRow.number).limit(limit)
    rows = await uow.session.scalars(
        query.with_for_update(of=BankReportRow), execution_options={"populate_existing": True}
    )
    found = [row.facts() for row in rows]
    answers = [row for row in found if row.kind is RowKind.ANSWER]
    return answers or found


async def finished_reports(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Confirmed reports of which every row has its outcome."""
    waiting = exists().where(BankReportRow.report_id == BankReport.id, BankReportRow.outcome.is_(None))
    query = select(BankReport.id).where(BankReport.status == BankReportState.CONFIRMED, ~waiting)
    return list(await uow.session.scalars(query.order_by(BankReport.id).limit(limit)))


async def disputed_in(uow: UnitOfWork, report_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """(report, instruction) of which a report says both that it was paid and that it failed."""
    query = select(BankReportRow.report_id, BankReportRow.instruction_id)
    query = query.where(
        BankReportRow.report_id.in_(report_ids),
        BankReportRow.instruction_id.is_not(None),
        BankReportRow.answer != Answer.ACCEPTED,
    )
    query = query.group_by(BankReportRow.report_id, BankReportRow.instruction_id)
    rows = await uow.session.execute(query.having(func.count(BankReportRow.answer.distinct()) > 1))
    return {(row.report_id, row.instruction_id) for row in rows if row.instruction_id is not None}


async def instructions_of(uow: UnitOfWork, payout_ids: Collection[UUID]) -> dict[UUID, list[Instruction]]:
    """What the bank was asked to pay for each of these payouts, whatever the attempt."""
    ids = await uow.session.scalars(select(Delivery.instruction_id).where(Delivery.payout_id.in_(payout_ids)))
    found: dict[UUID, list[Instruction]] = {}
    for instruction in (await find_instructions(uow, set(ids))).values():
        found.setdefault(instruction.payout_id, []).append(instruction)
    return found


async def find_asked(
    uow: UnitOfWork, instructions: Collection[Instruction], payouts: Mapping[UUID, PayoutFacts]
) -> dict[UUID, Asked]:
    """What the bank was asked by these instructions, and what it has answered; `payouts` are theirs, locked."""
    ids = [instruction.id for instruction in instructions]
    outcomes = await uow.session.execute(
        select(Delivery.instruction_id, Delivery.outcome).where(Delivery.instruction_id.in_(ids))
    )
    known = {row.instruction_id: KNOWN.get(row.outcome or "") for row in outcomes}
    indexes = await number_indexes(uow, {instruction.account_id for instruction in instructions})
    asked = {}
    for instruction in instructions:
        payout = payouts[instruction.payout_id]
        at_the_bank = payout.status in AT_THE_BANK and payout.attempt == instruction.attempt
        answer = known[instruction.id]
        asked[instruction.id] = Asked(
            instruction, indexes[instruction.account_id], answer, awaited=at_the_bank and answer is None
        )
    return asked


async def count_unfetched(uow: UnitOfWork, working_days: int) -> int:
    """Files that nobody took away for longer than so many whole working days, with something in them unanswered."""
    taken = exists().where(PaymentFileDownload.file_id == PaymentFile.id)
    query = select(func.count(PaymentFileItem.file_id.distinct())).join(
        PaymentFile, PaymentFile.id == PaymentFileItem.file_id
    )
    return await _count(uow, query.where(~taken), working_days)


async def count_unanswered(uow: UnitOfWork, working_days: int) -> int:
    """Instructions in files for longer than so many whole working days, of which the bank has said nothing final."""
    query = select(func.count()).select_from(PaymentFileItem)
    return await _count(uow, query.join(PaymentFile, PaymentFile.id == PaymentFileItem.file_id), working_days)


async def count_held(uow: UnitOfWork, working_days: int) -> int:
    """Rows that wait for two officers for longer than so many whole working days."""
    before = start_of_day(first_in_time(uow.today, working_days))
    query = select(func.count()).select_from(BankReportRow).where(_IS_HELD, BankReportRow.judged_at < before)
    return int(await uow.session.scalar(query) or 0)


async def _count(uow: UnitOfWork, query: Select[int], working_days: int) -> int:
    unanswered = exists().where(Delivery.instruction_id == PaymentFileItem.instruction_id, Delivery.outcome.is_(None))
    before = start_of_day(first_in_time(uow.today, working_days))
    return int(await uow.session.scalar(query.where(unanswered, PaymentFile.written_at < before)) or 0)


def _row_in_scope(caller: Principal) -> ColumnElement[bool]:
    return BankReportRow.report_id.in_(_visible(caller).with_only_columns(BankReport.id))
