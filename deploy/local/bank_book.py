"""The sandbox bank's own book: what it was ordered to pay, each instruction once, whatever is killed whenever."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.security import mask_account, mask_name

BUSY_TIMEOUT_S = 10.0
AMOUNT_MOST_FEN = 10_000_000_000
ACCOUNT_CLOSED = "account_closed"

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS instructions (
        id TEXT PRIMARY KEY,
        digest TEXT NOT NULL,
        account_name TEXT NOT NULL,
        account_number TEXT NOT NULL,
        bank_code TEXT NOT NULL,
        amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
        reference TEXT NOT NULL,
        accepted_at_ms INTEGER NOT NULL,
        settles_at_ms INTEGER NOT NULL,
        reason TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER IF NOT EXISTS instructions_stay BEFORE DELETE ON instructions
        BEGIN SELECT RAISE(ABORT, 'an accepted instruction stays'); END;
    CREATE TRIGGER IF NOT EXISTS instructions_are_fixed BEFORE UPDATE ON instructions
        BEGIN SELECT RAISE(ABORT, 'an accepted instruction is fixed'); END;
    CREATE TABLE IF NOT EXISTS returns (
        reference TEXT PRIMARY KEY,
        instruction_id TEXT NOT NULL UNIQUE REFERENCES instructions,
        code TEXT NOT NULL,
        acknowledged INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
"""
_ACCEPT = """
    INSERT INTO instructions VALUES
        (:id, :digest, :account_name, :account_number, :bank_code, :amount_fen, :reference, :now, :settles_at, :reason)
    ON CONFLICT (id) DO NOTHING
"""
_FIND = "SELECT digest, settles_at_ms, reason FROM instructions WHERE id = ?"
_RETURN = """
    INSERT INTO returns (reference, instruction_id, code)
    SELECT 'R-' || id, id, :code FROM instructions
    WHERE reference = :reference AND reason IS NULL AND settles_at_ms <= :now
    ON CONFLICT DO NOTHING RETURNING reference
"""
_RETURNED = """
    SELECT returns.reference, id, amount_fen, code FROM returns JOIN instructions ON id = instruction_id
    WHERE NOT acknowledged ORDER BY returns.reference LIMIT 100
"""
_ACKNOWLEDGE = "UPDATE returns SET acknowledged = 1 WHERE reference = ?"
_SUMMARY = """
    SELECT count(*), coalesce(sum(amount_fen), 0),
        coalesce(sum(amount_fen) FILTER (WHERE reason IS NULL AND settles_at_ms <= :now), 0),
        coalesce(sum(amount_fen) FILTER (WHERE reason IS NOT NULL AND settles_at_ms <= :now), 0),
        coalesce(sum(amount_fen) FILTER (WHERE id IN (SELECT instruction_id FROM returns)), 0)
    FROM instructions
"""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class InstructionDiffers(Exception):
    """The id was accepted before with another content."""


class Status(StrEnum):
    """How far an instruction has come."""

    ACCEPTED = "accepted"
    PAID = "paid"
    FAILED = "failed"


class Instruction(BaseModel):
    """An order to pay ``amount_fen`` fen to an account."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    account_name: Text
    account_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{8,32}$")]
    bank_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3,14}$")]
    amount_fen: Annotated[int, Field(gt=0, le=AMOUNT_MOST_FEN)]
    currency: Literal["CNY"]
    reference: Text

    @property
    def digest(self) -> str:
        """SHA-256 over the whole content: equal for equal instructions only."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """Where an instruction stands; ``reason`` says why it failed."""

    status: Status
    reason: str | None = None


@dataclass(frozen=True)
class Summary:
    """What the whole book amounts to, in fen; what was returned had been paid."""

    instructions: int
    accepted_fen: int
    paid_fen: int
    failed_fen: int
    returned_fen: int


@dataclass(frozen=True)
class Returned:
    """Money that came back (退汇), until it is acknowledged; ``reference`` names this return for ever."""

    reference: str
    instruction_id: str
    amount_fen: int
    code: str


class Book:
    """A durable book in a file: an instruction is in it, for ever, before its acceptance is answered.

    Account numbers and names are kept masked; a digest of the content sets a repetition apart from another
    instruction. The outcome is decided at acceptance and shown from ``settles_at_ms`` on, so that no clockwork is
    needed.
    """

    def __init__(self, path: Path) -> None:
        """Open the book, or make it; sqlite3.Error if the file is none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def accept(self, number: UUID, instruction: Instruction, *, settle_ms: int, failing: bool) -> Entry:
        """Accept ``instruction`` unless ``number`` was accepted before; answer where it stands.

        It is settled ``settle_ms`` milliseconds after its first acceptance, and then has failed if it was ``failing``.
        Raises InstructionDiffers if the number was accepted with another content.
        """
        now = _now_ms()
        row = {
            "id": str(number),
            "digest": instruction.digest,
            "account_name": mask_name(instruction.account_name),
            "account_number": mask_account(instruction.account_number),
            "bank_code": instruction.bank_code,
            "amount_fen": instruction.amount_fen,
            "reference": instruction.reference,
            "now": now,
            "settles_at": now + settle_ms,
            "reason": ACCOUNT_CLOSED if failing else None,
        }
        with self._lock:
            self._connection.execute(_ACCEPT, row)
            digest, settles_at_ms, reason = self._connection.execute(_FIND, (str(number),)).fetchone()
        if digest != instruction.digest:
            raise InstructionDiffers(str(number))
        return _entry(settles_at_ms, reason)

    def find(self, number: UUID) -> Entry | None:
        """Where an instruction stands; None if it was never accepted."""
        with self._lock:
            row = self._connection.execute(_FIND, (str(number),)).fetchone()
        return None if row is None else _entry(row[1], row[2])

    def give_back(self, reference: str, code: str) -> str | None:
        """Return what was paid under the payer's ``reference``, each instruction once; None if nothing was."""
        with self._lock:
            row = self._connection.execute(_RETURN, {"reference": reference, "code": code, "now": _now_ms()}).fetchone()
        return None if row is None else str(row[0])

    def returned(self) -> list[Returned]:
        """What came back and was not acknowledged, a hundred at most."""
        with self._lock:
            return [Returned(*row) for row in self._connection.execute(_RETURNED)]

    def acknowledge(self, reference: str) -> bool:
        """Report a return no more; False if there is none of this reference."""
        with self._lock:
            return self._connection.execute(_ACKNOWLEDGE, (reference,)).rowcount > 0

    def summary(self) -> Summary:
        """What was accepted, paid and failed so far."""
        with self._lock:
            return Summary(*self._connection.execute(_SUMMARY, {"now": _now_ms()}).fetchone())


def _entry(settles_at_ms: int, reason: str | None) -> Entry:
    if _now_ms() < settles_at_ms:
        return Entry(Status.ACCEPTED)
    return Entry(Status.PAID) if reason is None else Entry(Status.FAILED, reason)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
