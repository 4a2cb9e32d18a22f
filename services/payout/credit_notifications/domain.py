"""What the bank notifies of credits on the account: ISO 20022 camt.054.001.08, read without a schema."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from xml.etree.ElementTree import Element

from services.payout.bank_formats.domain import (
    ROWS_MOST,
    BankReportInvalid,
    fen_of,
    id_of,
    is_message,
    parse_message,
    reason_of,
)
from shared.kernel.clock import SHANGHAI, business_date

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
BOOKED, PENDING, CREDIT = "BOOK", "PDNG", "CRDT"
RETURNED_FAMILY = "RRTN"
"""What the bank's own code of a transaction says of money that it gives back."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""On a day out of these nothing is booked."""
_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{0,34}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(_DAY.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True, slots=True, repr=False)
class ReportedCredit:
    """A booked credit by the bank's own `reference`: money that came back if `code` says why, else money that came in.

    `named` and `payout` are the ids of ours that the bank repeats of what came back. Nobody who pays is read.
    """

    reference: str
    amount_fen: int
    booked_on: date
    code: str | None
    named: UUID | None
    payout: UUID | None


def read_credits(content: bytes) -> list[ReportedCredit] | None:
    """The booked credits of a message camt.054.001.08; None for a content that is none; `BankReportInvalid`.

    Credits in yuan alone; what is pending is left out. Whatever else differs from what was agreed is refused with all
    the rest: a debit, a reversal, another currency, an entry that is not the sum of its transactions.
    """
    if not is_message(content) or not (root := parse_message(content)).tag.startswith(f"{{{NAMESPACE}}}"):
        return None
    message = _only(root, "BkToCstmrDbtCdtNtfctn")
    if root.tag != f"{{{NAMESPACE}}}Document" or message is None:
        raise BankReportInvalid(problem="message")
    entries = [entry for notified in _each(message, "Ntfctn") for entry in _each(notified, "Ntry")]
    found = [credit for entry in entries for credit in _credits_of(entry)]
    if not 1 <= len(found) <= ROWS_MOST:
        raise BankReportInvalid(problem="rows")
    if len({credit.reference for credit in found}) != len(found):
        raise BankReportInvalid(problem="duplicate")
    return found


def _credits_of(entry: Element) -> list[ReportedCredit]:
    """The transactions of an entry; none of a pending one."""
    status = _said(entry, "Sts/Cd")
    amount_fen = _credited_fen(entry, _said(entry, "CdtDbtInd") or "")
    if status == PENDING:
        return []
    if status != BOOKED:
        raise BankReportInvalid(problem="Sts/Cd")
    booked_on = _booked_on(entry)
    transactions = [each for details in _each(entry, "NtryDtls") for each in _each(details, "TxDtls")]
    found = [_credit_of(entry, transaction, booked_on) for transaction in transactions]
    if sum(credit.amount_fen for credit in found) != amount_fen:
        raise BankReportInvalid(problem="totals")
    return found


def _credit_of(entry: Element, transaction: Element, booked_on: date) -> ReportedCredit:
    amount_fen = _credited_fen(transaction, _said(transaction, "CdtDbtInd"))
    reference = _said(transaction, "Refs/AcctSvcrRef") or ""
    if not _REFERENCE.fullmatch(reference):
        raise BankReportInvalid(problem="Refs/AcctSvcrRef")
    if _only(transaction, "RtrInf") is None:
        if RETURNED_FAMILY in {_said(each, "BkTxCd/Domn/Fmly/SubFmlyCd") for each in (entry, transaction)}:
            raise BankReportInvalid(problem="RtrInf")
        return ReportedCredit(reference, amount_fen, booked_on, None, None, None)
    code = reason_of(_said(transaction, "RtrInf/Rsn/Cd"))
    if code is None:
        raise BankReportInvalid(problem="RtrInf/Rsn/Cd")
    named, payout = id_of(_said(transaction, "Refs/InstrId")), id_of(_said(transaction, "Refs/EndToEndId"))
    return ReportedCredit(reference, amount_fen, booked_on, code, named, payout)


def _credited_fen(element: Element, direction: str | None) -> int:
    """What an entry or a transaction credits, in fen; a transaction may leave its direction, None, to the entry."""
    if direction not in {None, CREDIT}:
        raise BankReportInvalid(problem="CdtDbtInd")
    if _said(element, "RvslInd") not in {None, "false", "0"}:
        raise BankReportInvalid(problem="RvslInd")
    amount = _only(element, "Amt")
    found = None if amount is None else fen_of(_said(element, "Amt") or "", amount.attrib.get("Ccy", ""))
    if found is None:
        raise BankReportInvalid(problem="Amt")
    return found


def _booked_on(entry: Element) -> date:
    """The day of the booking; an instant without a zone is of Shanghai."""
    day, instant = _said(entry, "BookgDt/Dt") or "", _said(entry, "BookgDt/DtTm") or ""
    booked_on = None
    try:
        if _DAY.fullmatch(day) and not instant:
            booked_on = date.fromisoformat(day)
        elif _INSTANT.fullmatch(instant) and not day:
            moment = datetime.fromisoformat(instant)
            booked_on = business_date(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI))
    except (ValueError, OverflowError):
        booked_on = None
    if booked_on is None or not FIRST_DAY <= booked_on <= LAST_DAY:
        raise BankReportInvalid(problem="BookgDt")
    return booked_on


def _each(element: Element, name: str) -> list[Element]:
    """The children of a name in the message."""
    return element.findall(f"{{{NAMESPACE}}}{name}")


def _only(element: Element, path: str) -> Element | None:
    """What stands at a path, or None; `BankReportInvalid`, naming the path, where two might be meant."""
    found: Element | None = element
    for name in path.split("/"):
        children = _each(found, name) if found is not None else []
        if len(children) > 1:
            raise BankReportInvalid(problem=path)
        found = children[0] if children else None
    return found


def _said(element: Element, path: str) -> str | None:
    """The text at a path, or None; `BankReportInvalid`, naming the path, where it is no text alone."""
    found = _only(element, path)
    if found is not None and len(found):
        raise BankReportInvalid(problem=path)
    return None if found is None else found.text or ""
