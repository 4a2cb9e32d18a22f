"""Payment orders as a bank's file: pain.001.001.10, or a table in GB18030. The same orders make the same bytes."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from uuid import UUID

from services.payout.bank.domain import CURRENCY, BankChannel, PaymentOrder
from shared.kernel.clock import SHANGHAI, business_date

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"
CLEARING_SYSTEM = "CNAPS"
HEADINGS = ("指令号", "收款人户名", "收款人账号", "收款行行号", "金额", "币种", "附言")


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
