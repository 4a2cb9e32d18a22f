"""Orders in files as the sandbox bank reads them, and its reports: ISO 20022, or tables in GB18030."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID, uuid4
from xml.etree.ElementTree import Element, SubElement, tostring

from pydantic import ValidationError

from deploy.local.bank_book import ACCOUNT_CLOSED, Entry, Instruction, Status
from shared.kernel.strict_json import NotStrict
from shared.kernel.strict_xml import parse_xml

PAIN_001 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"
PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.11"
CODES = {Status.ACCEPTED: "ACSP", Status.PAID: "ACSC", Status.FAILED: "RJCT"}
WORDS = {Status.ACCEPTED: "处理中", Status.PAID: "成功", Status.FAILED: "失败"}
REASONS = {ACCOUNT_CLOSED: "AC04"}
OTHER_REASON = "AM05"


class FileUnreadable(Exception):
    """The bank cannot read this file."""


@dataclass(frozen=True)
class Order:
    """An instruction of a file, with its number and its amount as they stand there."""

    number: UUID
    amount: str
    instruction: Instruction


@dataclass(frozen=True)
class OrderFile:
    """A file of orders; ``is_message`` says that it is ISO 20022."""

    file_id: str
    is_message: bool
    orders: list[Order]


def read_orders(content: bytes) -> OrderFile:
    """The orders of a file; FileUnreadable."""
    try:
        return _read_message(content) if content.startswith(b"<") else _read_table(content)
    except (NotStrict, ValueError, KeyError, IndexError, ValidationError, csv.Error):
        raise FileUnreadable from None


def write_report(file: OrderFile, entries: Sequence[Entry]) -> bytes:
    """How each order of a file stands, as a file of the same kind."""
    return _write_message(file, entries) if file.is_message else _write_table(file, entries)


def _read_message(content: bytes) -> OrderFile:
    root = parse_xml(content)
    orders = [
        _order(
            _text(transfer, "PmtId/InstrId"),
            _text(transfer, "Cdtr/Nm"),
            _text(transfer, "CdtrAcct/Id/Othr/Id"),
            _text(transfer, "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId"),
            _text(transfer, "Amt/InstdAmt"),
            _text(transfer, "PmtId/EndToEndId"),
        )
        for transfer in root.iter(f"{{{PAIN_001}}}CdtTrfTxInf")
    ]
    return OrderFile(_text(root, "CstmrCdtTrfInitn/GrpHdr/MsgId"), is_message=True, orders=orders)


def _read_table(content: bytes) -> OrderFile:
    lines = list(csv.reader(io.StringIO(content.decode("gb18030"), newline=""), strict=True))
    orders = [_order(line[0], line[1], line[2], line[3], line[4], line[6]) for line in lines[2:]]
    return OrderFile(lines[0][1], is_message=False, orders=orders)


def _order(number: str, name: str, account_number: str, bank_code: str, amount: str, reference: str) -> Order:
    whole, fen = amount.split(".")
    instruction = Instruction(
        account_name=name,
        account_number=account_number,
        bank_code=bank_code,
        amount_fen=int(whole) * 100 + int(fen),
        currency="CNY",
        reference=str(UUID(reference)),
    )
    return Order(UUID(number), amount, instruction)


def _text(element: Element, path: str) -> str:
    found = element.find("/".join(f"{{{PAIN_001}}}{name}" for name in path.split("/")))
    if found is None or found.text is None:
        raise FileUnreadable
    return found.text


def _write_message(file: OrderFile, entries: Sequence[Entry]) -> bytes:
    document = Element("Document", xmlns=PAIN_002)
    report = SubElement(document, "CstmrPmtStsRpt")
    head = SubElement(report, "GrpHdr")
    SubElement(head, "MsgId").text = uuid4().hex
    SubElement(head, "CreDtTm").text = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    group = SubElement(report, "OrgnlGrpInfAndSts")
    SubElement(group, "OrgnlMsgId").text = file.file_id
    SubElement(group, "OrgnlMsgNmId").text = "pain.001.001.10"
    payment = SubElement(report, "OrgnlPmtInfAndSts")
    SubElement(payment, "OrgnlPmtInfId").text = file.file_id
    for order, entry in zip(file.orders, entries, strict=True):
        transaction = SubElement(payment, "TxInfAndSts")
        SubElement(transaction, "OrgnlInstrId").text = order.number.hex
        SubElement(transaction, "OrgnlEndToEndId").text = UUID(order.instruction.reference).hex
        SubElement(transaction, "TxSts").text = CODES[entry.status]
        if entry.reason is not None:
            reason = SubElement(SubElement(transaction, "StsRsnInf"), "Rsn")
            SubElement(reason, "Cd").text = REASONS.get(entry.reason, OTHER_REASON)
        asked = SubElement(transaction, "OrgnlTxRef")
        SubElement(SubElement(asked, "Amt"), "InstdAmt", Ccy="CNY").text = order.amount
        account = SubElement(SubElement(SubElement(asked, "CdtrAcct"), "Id"), "Othr")
        SubElement(account, "Id").text = order.instruction.account_number
    return cast(bytes, tostring(document, encoding="UTF-8", xml_declaration=True))


def _write_table(file: OrderFile, entries: Sequence[Entry]) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    total_fen = sum(order.instruction.amount_fen for order in file.orders)
    total = f"{total_fen // 100}.{total_fen % 100:02d}"
    lines.writerow(("文件号", file.file_id, "笔数", len(file.orders), "合计金额", total))
    lines.writerow(("指令号", "收款人账号", "金额", "币种", "状态", "原因"))
    for order, entry in zip(file.orders, entries, strict=True):
        reason = "" if entry.reason is None else REASONS.get(entry.reason, OTHER_REASON)
        number = order.instruction.account_number
        lines.writerow((order.number.hex, number, order.amount, "CNY", WORDS[entry.status], reason))
    return text.getvalue().encode("gb18030")
