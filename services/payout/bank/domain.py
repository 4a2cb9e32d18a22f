"""What the bank is asked to pay, and what it may answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.kernel.money import MAX_FEN

CURRENCY = "CNY"
_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")


class BankChannel(StrEnum):
    """By which way a batch reaches the bank: one, chosen when it is built, so that nothing goes by two."""

    HTTP = "http"
    """Each instruction by a call of its own."""
    ISO20022 = "iso20022"
    """A file pain.001.001.10."""
    CSV = "csv"
    """A table in GB18030, as banks take that read no messages."""


class Answer(StrEnum):
    """What is known of an instruction after a call."""

    ACCEPTED = "accepted"
    PAID = "paid"
    FAILED = "failed"
    NEVER_RECEIVED = "never_received"
    CONFLICT = "conflict"
    """The bank has another content under this id."""
    SILENT = "silent"
    """A time-out, a broken connection, or an answer that cannot be read: nothing is known."""


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """The bank's answer; `reason` is its code for a failure, never its text."""

    answer: Answer
    reason: str | None = None

    @property
    def failure_code(self) -> str:
        """The bank's code as ours: `bank_<code>`; anything but a code, which might name a person, is `bank_refused`."""
        return f"bank_{self.reason}" if self.reason is not None and _CODE.fullmatch(self.reason) else "bank_refused"


@dataclass(frozen=True, slots=True)
class ReturnReport:
    """What the bank says: the money of one instruction came back (R23). `reference` is the bank's own, for ever."""

    reference: str
    instruction_id: UUID
    amount_fen: int
    code: str


@dataclass(frozen=True, slots=True, repr=False)
class PaymentOrder:
    """What an instruction says in clear: for the bank, never for a log. `amount_fen` in fen of yuan."""

    instruction_id: UUID
    account_name: str
    account_number: str
    bank_code: str
    amount_fen: int
    reference: UUID
    """What the payee reads on the statement: the payout's id."""


def read_reports(said: object) -> list[ReturnReport]:
    """The reports that can be read, of what the bank's answer lists; one that cannot takes no other with it."""
    rows = said if isinstance(said, list) else []
    return [report for row in rows if isinstance(row, Mapping) and (report := _read_report(row)) is not None]


def _read_report(row: Mapping[str, object]) -> ReturnReport | None:
    reference, amount_fen, code = row.get("reference"), row.get("amount_fen"), row.get("code")
    try:
        instruction_id = UUID(str(row.get("instruction_id")))
    except ValueError:
        return None
    if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
        return None
    if not isinstance(amount_fen, int) or isinstance(amount_fen, bool) or not 0 < amount_fen <= MAX_FEN:
        return None
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return None
    return ReturnReport(reference, instruction_id, amount_fen, code)
