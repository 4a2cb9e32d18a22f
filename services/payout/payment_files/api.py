"""Files for the bank: finance takes them there, and each time is recorded."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.payment_files import queries, service
from services.payout.payment_files.domain import PaymentFileDiffers, PaymentFileNotFound
from services.payout.payment_files.schemas import PaymentFileContentView, PaymentFileDetailView, PaymentFileView
from shared.http import Allow, Caller, Page, PageQuery, Refuses, Role, Uow, api_router, idempotent_by_nature

router = api_router(
    "/v1/payment-files",
    tag="payment files",
    description="Released batches as files for the bank: ISO 20022, or a table in GB18030 (拨付, §三(二)).",
)
READERS = Allow(Role.FINANCE, Role.AUDITOR)
FOUND = Refuses(PaymentFileNotFound)


@router.get("", dependencies=[READERS])
async def list_payment_files(
    uow: Uow, caller: Caller, page: PageQuery, batch_id: Annotated[UUID | None, Query()] = None
) -> Page[PaymentFileView]:
    """List the files of the batches of the caller's areas."""
    found = await queries.list_payment_files(uow, caller, batch_id, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, PaymentFileView.model_validate)


@router.get("/{file_id}", dependencies=[READERS, FOUND])
async def get_payment_file(file_id: UUID, uow: Uow, caller: Caller) -> PaymentFileDetailView:
    """Get what is known of one file, and who took it away when. No account is in it."""
    file = await queries.see_payment_file(uow, caller, file_id)
    return PaymentFileDetailView.of(file, await queries.downloads_of(uow, file_id), await queries.held_in(uow, file_id))


@router.post(
    "/{file_id}/downloads", dependencies=[Allow(Role.FINANCE), idempotent_by_nature, FOUND, Refuses(PaymentFileDiffers)]
)
async def download_payment_file(file_id: UUID, uow: Uow, caller: Caller) -> PaymentFileContentView:
    """Take a file to the bank. Every time is recorded, and the bytes are always the same.

    What a hold has stopped since it was written is named (`held_instruction_ids`): it is struck at the bank.

    It takes no idempotency key: the answer would be stored with it, and this one may lie nowhere.
    """
    return PaymentFileContentView.of(await service.hand_out(uow, caller, file_id))
