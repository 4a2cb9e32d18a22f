"""Payment orders as a bank's file, and the bank's answers to them: messages of ISO 20022, or tables in GB18030."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TypeAlias
from uuid import UUID
from xml.etree.ElementTree import Element

from services.payout.bank.domain import CURRENCY, Answer, BankChannel, PaymentOrder
from shared.kernel.clock import SHANGHAI, business_date
from shared.kernel.errors import Invalid
from shared.kernel.money import MAX_FEN
from shared.kernel.strict_json import NotStrict
from shared.kernel.strict_xml import parse_xml
from shared.kernel.xml_schema import Schema

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"
CLEARING_SYSTEM = "CNAPS"
HEADINGS = ("指令号", "收款人户名", "收款人账号", "收款行行号", "金额", "币种", "附言")

STATUS_REPORT = Schema.of(Path(__file__).with_name("pain.002.001.11.xsd"))
ANSWER_HEADINGS = ("指令号", "收款人账号", "金额", "币种", "状态", "原因")
STATUS_WORDS = {"成功": Answer.PAID, "失败": Answer.FAILED, "处理中": Answer.ACCEPTED}
STATUS_CODES = {"ACSC": Answer.PAID, "ACCC": Answer.PAID, "RJCT": Answer.FAILED, "CANC": Answer.FAILED}
"""Codes of ISO 20022 that are an end; every other says that the bank is still at it."""
REASONS = {"ac04": "account_closed", "ac07": "account_closed"}
"""Reasons of ISO 20022 for which there is a word here, whatever way a bank answers by."""
DUPLICATES = frozenset({"am05", "du01", "du02", "du03", "du04", "du05", "dupl"})
"""Reasons of ISO 20022 that say nothing of the money: the bank has the same already, from a file delivered twice."""
ROWS_MOST = 2_000
_REASON = re.compile(r"[a-z][a-z0-9_]{0,47}")
_YUAN = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2})0*)?")


@dataclass(frozen=True, slots=True)
class FileHead:
    """What a file says of itself: its own id, when it was written, and the fund that pays."""

    file_id: UUID
    written_at: datetime
    fund_id: UUID
    fund_name: str
    """The account that pays is agreed with the bank under the fund's id: no file names its number."""


def yuan(amount_fen: int) -> str:
    """An amount as banks write it, without a float on the way: 160000 is 1600.00."""
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def write_file(channel: BankChannel, head: FileHead, orders: Sequence[PaymentOrder]) -> bytes:
    """The file of a channel; it says how many orders there are, and their sum."""
    return write_csv(head, orders) if channel is BankChannel.CSV else write_pain001(head, orders)


def write_csv(head: FileHead, orders: Sequence[PaymentOrder]) -> bytes:
    """A table whose first line has the file's id, the number of orders and their sum."""
    text = io.StringIO()
    lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow(("文件号", head.file_id.hex, "笔数", len(orders), "合计金额", _sum(orders)))
    lines.writerow(HEADINGS)
    for order in orders:
        lines.writerow(
            (
                order.instruction_id.hex, order.account_name, order.account_number, order.bank_code,
                yuan(order.amount_fen), CURRENCY, order.reference.hex,
            )
        )  # fmt: skip
    return text.getvalue().encode("gb18030")


def write_pain001(head: FileHead, orders: Sequence[PaymentOrder]) -> bytes:
    """A customer credit transfer initiation with one payment information: the fund, and what it pays."""
    totals = _tag("NbOfTxs", str(len(orders))) + _tag("CtrlSum", _sum(orders))
    payer = _tag("Nm", escape(head.fund_name))
    header = (
        _tag("MsgId", head.file_id.hex)
        + _tag("CreDtTm", head.written_at.astimezone(SHANGHAI).isoformat(timespec="seconds"))
        + totals
        + _tag("InitgPty", payer)
    )
    payment = (
        _tag("PmtInfId", head.file_id.hex)
        + _tag("PmtMtd", "TRF")
        + totals
        + _tag("ReqdExctnDt", _tag("Dt", business_date(head.written_at).isoformat()))
        + _tag("Dbtr", payer)
        + _tag("DbtrAcct", _account(head.fund_id.hex) + _tag("Ccy", CURRENCY))
        + _tag("DbtrAgt", _tag("FinInstnId", ""))
        + "".join(_transfer(order) for order in orders)
    )
    body = _tag("CstmrCdtTrfInitn", _tag("GrpHdr", header) + _tag("PmtInf", payment))
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}">{body}</Document>\n'
    return document.encode()


def _transfer(order: PaymentOrder) -> str:
    member = _tag("ClrSysId", _tag("Cd", CLEARING_SYSTEM)) + _tag("MmbId", escape(order.bank_code))
    return _tag(
        "CdtTrfTxInf",
        _tag("PmtId", _tag("InstrId", order.instruction_id.hex) + _tag("EndToEndId", order.reference.hex))
        + _tag("Amt", f'<InstdAmt Ccy="{CURRENCY}">{yuan(order.amount_fen)}</InstdAmt>')
        + _tag("CdtrAgt", _tag("FinInstnId", _tag("ClrSysMmbId", member)))
        + _tag("Cdtr", _tag("Nm", escape(order.account_name)))
        + _tag("CdtrAcct", _account(escape(order.account_number))),
    )


def _account(number: str) -> str:
    return _tag("Id", _tag("Othr", _tag("Id", number)))


def _tag(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _sum(orders: Sequence[PaymentOrder]) -> str:
    return yuan(sum(order.amount_fen for order in orders))


class BankReportInvalid(Invalid):
    """The bank's report is not as it was agreed: nothing of it is taken. What is wrong is named, never quoted."""

    code = "bank_report_invalid"
    policy = "DOMAIN §3"
    zh, en = "银行回单文件无法读取: {problem}", "The bank's report cannot be read: {problem}."


@dataclass(frozen=True, slots=True, repr=False)
class ReportedAnswer:
    """What a report says of one instruction; never for a log. What cannot be read is None, and equals nothing of ours.

    `named` is the id that the bank repeats, `reference` the payout's, if it repeats that too.
    """

    named: UUID | None
    reference: UUID | None
    answer: Answer
    amount_fen: int | None
    account_number: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class WholeRefusal:
    """The bank takes nothing of a file: how many instructions, and their sum, so that it is this file.

    What it says of an account may be said of the fund's: only an answer to one instruction closes a payee's.
    """

    count: int
    amount_fen: int | None
    reason: str | None


Answers: TypeAlias = Sequence[ReportedAnswer] | WholeRefusal


def is_message(content: bytes) -> bool:
    """Whether it begins as a message of ISO 20022 does, and as no table."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def parse_message(content: bytes) -> Element:
    """The root of a message; `BankReportInvalid`."""
    try:
        return parse_xml(content)
    except NotStrict:
        raise BankReportInvalid(problem="XML") from None


def read_report(content: bytes) -> tuple[UUID, Answers]:
    """The file that a report answers, and what it says of it; `BankReportInvalid`.

    A message pain.002.001.11 begins with `<`, anything else is a table.
    """
    file_id, answers = _read_pain002(content) if is_message(content) else _read_csv(content)
    if file_id is None:
        raise BankReportInvalid(problem="file id")
    if not isinstance(answers, WholeRefusal) and not 1 <= len(answers) <= ROWS_MOST:
        raise BankReportInvalid(problem="rows")
    return file_id, answers


def _read_csv(content: bytes) -> tuple[UUID | None, Answers]:
    """A table whose first line has the file's id, the number of rows and their sum: a part of it is noticed."""
    try:
        text = io.StringIO(content.decode("gb18030"), newline="")
        lines = list(csv.reader(text, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise BankReportInvalid(problem="table") from None
    head, headings, rows = (lines[0], lines[1], lines[2:]) if len(lines) > 2 else ([], [], [])
    if tuple(headings) != ANSWER_HEADINGS or len(head) != 6 or any(len(row) != len(headings) for row in rows):
        raise BankReportInvalid(problem="columns")
    answers = [_answer_of_row(row) for row in rows]
    sum_fen = sum(answer.amount_fen or 0 for answer in answers)
    if (head[0], *head[2:]) != ("文件号", "笔数", str(len(rows)), "合计金额", yuan(sum_fen)):
        raise BankReportInvalid(problem="totals")
    return id_of(head[1]), answers


def _answer_of_row(row: Sequence[str]) -> ReportedAnswer:
    named, account_number, amount, currency, word, reason = row
    if word not in STATUS_WORDS:
        raise BankReportInvalid(problem="status")
    return ReportedAnswer(
        id_of(named), None, STATUS_WORDS[word], fen_of(amount, currency), account_number or None, reason_of(reason)
    )


def _read_pain002(content: bytes) -> tuple[UUID | None, Answers]:
    root = parse_message(content)
    if errors := STATUS_REPORT.errors(root):
        raise BankReportInvalid(problem=errors[0])
    (group,) = _find_all(root, "CstmrPmtStsRpt/OrgnlGrpInfAndSts")
    payments = _find_all(root, "CstmrPmtStsRpt/OrgnlPmtInfAndSts")
    answers = [_answer_of(each) for payment in payments for each in _find_all(payment, "TxInfAndSts")]
    file_id = id_of(_text(group, "OrgnlMsgId"))
    refused = [group] if _text(group, "GrpSts") == "RJCT" else []
    refused += [payment for payment in payments if _text(payment, "PmtInfSts") == "RJCT"]
    if refused and any(answer.answer is not Answer.FAILED for answer in answers):
        raise BankReportInvalid(problem="status")
    if answers:
        return file_id, answers
    if not refused:
        raise BankReportInvalid(problem="rows")
    reason = reason_of(_text(refused[0], "StsRsnInf/Rsn/Cd"))
    if reason in DUPLICATES:
        raise BankReportInvalid(problem="duplicate")
    count, total = _text(refused[0], "OrgnlNbOfTxs"), _text(refused[0], "OrgnlCtrlSum")
    if count is None or total is None:
        raise BankReportInvalid(problem="totals")
    said = None if reason in REASONS.values() else reason
    return file_id, WholeRefusal(int(count), fen_of(total, CURRENCY), said)


def _answer_of(transaction: Element) -> ReportedAnswer:
    amount = _find(transaction, "OrgnlTxRef/Amt/InstdAmt")
    answer = STATUS_CODES.get(_text(transaction, "TxSts") or "", Answer.ACCEPTED)
    reason = reason_of(_text(transaction, "StsRsnInf/Rsn/Cd"))
    return ReportedAnswer(
        id_of(_text(transaction, "OrgnlInstrId")),
        id_of(_text(transaction, "OrgnlEndToEndId")),
        Answer.ACCEPTED if reason in DUPLICATES else answer,
        fen_of(amount.text or "", amount.attrib["Ccy"]) if amount is not None else None,
        _text(transaction, "OrgnlTxRef/CdtrAcct/Id/Othr/Id"),
        reason,
    )


def _find_all(element: Element, path: str) -> list[Element]:
    """The children of a path, all in the message's namespace."""
    return element.findall("/".join(f"{{{STATUS_REPORT.namespace}}}{name}" for name in path.split("/")))


def _find(element: Element, path: str) -> Element | None:
    return next(iter(_find_all(element, path)), None)


def _text(element: Element, path: str) -> str | None:
    found = _find(element, path)
    return None if found is None else found.text


def id_of(text: str | None) -> UUID | None:
    """An id of ours as a file names it; None for anything else."""
    return UUID(text) if text is not None and re.fullmatch(r"[0-9a-fA-F]{32}", text) else None


def fen_of(text: str, currency: str) -> int | None:
    """Yuan as banks write them, in fen; None for anything else."""
    found = _YUAN.fullmatch(text)
    if found is None or currency != CURRENCY:
        return None
    amount_fen = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    return amount_fen if 0 < amount_fen <= MAX_FEN else None


def reason_of(text: str | None) -> str | None:
    """A bank's code for a failure as ours; anything but a code, which might name a person, is None."""
    code = (text or "").strip().lower()
    return REASONS.get(code, code) if _REASON.fullmatch(code) else None
