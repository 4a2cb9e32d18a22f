"""How files for the bank are shown."""

from base64 import b64encode
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.payout.bank.domain import BankChannel
from services.payout.payment_files.domain import DownloadFacts, PaymentFileFacts
from services.payout.payment_files.service import HandedOut
from shared.http import View


class PaymentFileView(View):
    """One version of a batch's file: what of the batch was sent and in no earlier one."""

    id: UUID
    batch_id: UUID
    """The payment batch that it carries."""
    version: int
    """The number of the batch's file, from 1; what a hold kept back goes in a later one."""
    channel: BankChannel
    """The format: pain.001.001.10, or a table in GB18030."""
    file_name: str
    count: int
    """How many instructions are in it."""
    amount_fen: int
    """Their sum, in fen."""
    digest: str
    written_at: datetime


class PaymentFileDownloadView(View):
    """Who took the file away, and when."""

    person_id: UUID
    """The finance officer, by person."""
    downloaded_at: datetime


class PaymentFileDetailView(PaymentFileView):
    """A file with its downloads."""

    downloads: list[PaymentFileDownloadView]
    """Every one of them, oldest first."""
    held_instruction_ids: list[UUID]
    """Instructions in it whose payouts are held by now: they are struck at the bank before it pays."""

    @classmethod
    def of(cls, file: PaymentFileFacts, downloads: list[DownloadFacts], held: list[UUID]) -> "PaymentFileDetailView":
        """The file, who took it away, and what of it is held."""
        shown = [PaymentFileDownloadView.model_validate(download) for download in downloads]
        return cls(**PaymentFileView.model_validate(file).model_dump(), downloads=shown, held_instruction_ids=held)


class PaymentFileContentView(View):
    """A file as it goes to the bank."""

    file_name: str
    digest: str
    content: Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]
    """The file's bytes in base64."""
    held_instruction_ids: list[UUID]
    """Instructions in it whose payouts are held by now: they are struck at the bank before it pays."""

    @classmethod
    def of(cls, handed_out: HandedOut) -> "PaymentFileContentView":
        """The bytes, as JSON carries them."""
        file = handed_out.file
        return cls(
            file_name=file.file_name,
            digest=file.digest,
            content=b64encode(handed_out.content).decode(),
            held_instruction_ids=handed_out.held_instruction_ids,
        )
