"""What finance sends of the bank's reports, and how they are shown."""

from base64 import b64decode
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.payout.bank.domain import Answer
from services.payout.bank_formats.domain import BankReportInvalid
from services.payout.bank_reports.domain import BankReportState, RowKind, RowOutcome
from shared.http import Body, View

CONTENT_MOST = 1_000_000
"""Characters of base64; what is longer comes in parts, for a report may be about some of a file's instructions."""


class UploadBankReportRequest(Body):
    """What the bank gave, as it gave it."""

    content: Annotated[
        str,
        StringConstraints(min_length=1, max_length=CONTENT_MOST),
        Field(json_schema_extra={"contentEncoding": "base64"}),
    ]
    """The report's bytes in base64: pain.002.001.11, the bank's table in GB18030, or camt.054.001.08."""

    def decoded(self) -> bytes:
        """The bytes; `BankReportInvalid` if the text is not base64."""
        try:
            return b64decode(self.content, validate=True)
        except ValueError:  # also what binascii raises
            raise BankReportInvalid(problem="base64") from None


class BankReportView(View):
    """What the bank says of a file's instructions, or of credits on the account, as a whole."""

    id: UUID
    file_id: UUID | None
    """The file for the bank that it answers; null if it notifies credits on the account."""
    digest: str
    status: BankReportState
    version: int
    count: int
    """How many rows it has."""
    uploaded_by: UUID
    """Who uploaded it, by person; another officer confirms it."""
    created_at: datetime


class BankReportAnswerView(View):
    """What the bank says of one instruction, or of one credit. It shows no account and no payer."""

    id: UUID
    report_id: UUID
    number: int
    """Its place in the report, from 1."""
    kind: RowKind
    """What it is about: an instruction of a file, money that came back, or money that came in."""
    named_id: UUID | None
    """What the bank named; null if that was no id of ours."""
    instruction_id: UUID | None
    """The instruction that it is about; null if there is none."""
    answer: Answer | None
    """What the bank says of an instruction: paid, failed, or accepted, which is no end; null of a credit."""
    reference: str | None
    """The bank's own reference of a credit; null of an answer."""
    booked_on: date | None
    """The day on which the bank booked a credit; null of an answer."""
    amount_fen: int | None
    """The amount that the bank says, in fen; null if it cannot be read."""
    reason: str | None
    """Why, by the bank's code."""
    outcome: RowOutcome | None
    """What became of it; null until the report was confirmed and the row was judged."""
    proposed_by: UUID | None
    """Who proposed to set it aside, by person; null if nobody did."""
    dismissed_at: datetime | None
    """When a second officer set it aside; null while it waits, or if it was not held."""
