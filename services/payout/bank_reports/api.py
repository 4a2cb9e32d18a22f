"""What the bank reports by files: finance uploads it, another officer confirms, and two set aside what is held."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.bank_formats.domain import BankReportInvalid
from services.payout.bank_reports import queries, service
from services.payout.bank_reports.domain import (
    BankReportNotFound,
    BankReportRowDecided,
    BankReportRowNotFound,
    BankReportSamePerson,
    BankReportState,
)
from services.payout.bank_reports.schemas import BankReportAnswerView, BankReportView, UploadBankReportRequest
from services.payout.payment_files.domain import PaymentFileNotFound
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router, idempotent_by_nature
from shared.kernel.lifecycle import WrongState
from shared.security import AreaOutsideScope

router = api_router(
    "/v1",
    tag="bank reports",
    description="What the bank answers to files (ISO 20022 pain.002.001.11, or a table in GB18030), and what it says "
    "of credits on the account (camt.054.001.08): returned and incoming money (拨付, §三(二); R4, R23).",
)
FINANCE = Allow(Role.FINANCE)
READERS = Allow(Role.FINANCE, Role.AUDITOR)
FOUND = Refuses(BankReportNotFound, WrongState)


@router.post(
    "/bank-reports",
    dependencies=[
        FINANCE,
        idempotent_by_nature,
        Creates("/v1/bank-reports/{id}"),
        Refuses(BankReportInvalid, PaymentFileNotFound, AreaOutsideScope),
    ],
)
async def upload_bank_report(body: UploadBankReportRequest, uow: Uow, caller: Caller) -> BankReportView:
    """Upload what the bank says of a file or of credits. The same bytes are the same report. Another confirms it.

    It is taken as a whole or not at all; a row that says something wrong is a matter of that row. Who uploads credits
    is of finance for the whole city.
    """
    return BankReportView.model_validate(await service.upload_bank_report(uow, caller, body.decoded()))


@router.post("/bank-reports/{report_id}/confirmations", dependencies=[FINANCE, FOUND, Refuses(BankReportSamePerson)])
async def confirm_bank_report(report_id: UUID, uow: Uow, caller: Caller) -> BankReportView:
    """Confirm that the bank says this. Its rows take effect, each on its own."""
    return BankReportView.model_validate(await service.confirm_bank_report(uow, caller, report_id))


@router.post("/bank-reports/{report_id}/rejections", dependencies=[FINANCE, FOUND])
async def reject_bank_report(report_id: UUID, uow: Uow, caller: Caller) -> BankReportView:
    """Give up a report that nobody has confirmed. No money has moved."""
    return BankReportView.model_validate(await service.reject_bank_report(uow, caller, report_id))


@router.get("/bank-reports", dependencies=[READERS])
async def list_bank_reports(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    file_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[BankReportState | None, Query()] = None,
) -> Page[BankReportView]:
    """List the reports about files of the caller's areas, and those of credits for the whole city."""
    found = await queries.list_bank_reports(uow, caller, file_id, status, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, BankReportView.model_validate)


@router.get("/bank-reports/{report_id}", dependencies=[READERS, Refuses(BankReportNotFound)])
async def get_bank_report(report_id: UUID, uow: Uow, caller: Caller) -> BankReportView:
    """Get one report."""
    return BankReportView.model_validate(await queries.see_bank_report(uow, caller, report_id))


@router.get("/bank-report-rows", dependencies=[READERS])
async def list_bank_report_rows(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    report_id: Annotated[UUID | None, Query()] = None,
    held: Annotated[bool | None, Query()] = None,
) -> Page[BankReportAnswerView]:
    """List rows of reports. `held=true` lists those that two officers have still to look at."""
    found = await queries.list_report_rows(uow, caller, report_id, held=held, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, BankReportAnswerView.model_validate)


@router.post(
    "/bank-report-rows/{row_id}/dismissals",
    dependencies=[FINANCE, Refuses(BankReportRowNotFound, BankReportRowDecided, BankReportSamePerson)],
)
async def dismiss_bank_report_row(row_id: UUID, uow: Uow, caller: Caller) -> BankReportAnswerView:
    """Set a held row aside. The first officer proposes it, and a second one, another person, does it."""
    return BankReportAnswerView.model_validate(await service.dismiss_report_row(uow, caller, row_id))
