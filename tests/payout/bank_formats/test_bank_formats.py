"""What a bank reads: valid messages, tables in its own encoding, and sums that agree."""

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payout import bank_formats
from services.payout.bank.domain import BankChannel, PaymentOrder
from services.payout.bank_formats.domain import FileHead, write_csv, write_file, yuan
from shared.kernel.strict_xml import parse_xml
from shared.kernel.xml_schema import Schema

PAIN_001 = Schema.of(Path(bank_formats.__path__[0]) / "pain.001.001.10.xsd")
HEAD = FileHead(
    UUID(int=7), datetime(2033, 3, 15, 16, 30, tzinfo=UTC), UUID(int=8), "employment_subsidy_fund 410402 2033"
)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cn")), min_size=1, max_size=100)
ORDERS = st.builds(
    PaymentOrder,
    instruction_id=st.uuids(),
    account_name=NAMES,
    account_number=st.from_regex(r"[0-9]{8,32}", fullmatch=True),
    bank_code=st.from_regex(r"[0-9A-Z]{3,14}", fullmatch=True),
    amount_fen=st.integers(1, 10**13),
    reference=st.uuids(),
)


@given(st.lists(ORDERS, min_size=1, max_size=5))
def test_every_message_is_valid_and_says_how_much_it_pays(orders: list[PaymentOrder]) -> None:
    message = write_file(BankChannel.ISO20022, HEAD, orders)
    assert PAIN_001.errors(parse_xml(message)) == []
    assert message == write_file(BankChannel.ISO20022, HEAD, orders)
    text = message.decode()
    total = yuan(sum(order.amount_fen for order in orders))
    assert re.findall("<NbOfTxs>(.*?)</NbOfTxs><CtrlSum>(.*?)</CtrlSum>", text) == [(str(len(orders)), total)] * 2
    said = re.findall('<InstdAmt Ccy="CNY">(.*?)</InstdAmt>', text)
    assert said == [yuan(order.amount_fen) for order in orders]
    assert "<ReqdExctnDt><Dt>2033-03-16</Dt></ReqdExctnDt>" in text, "the business day, not that of Greenwich"


@given(st.lists(ORDERS, min_size=1, max_size=5))
def test_a_table_is_read_back_as_it_was_meant(orders: list[PaymentOrder]) -> None:
    table = write_file(BankChannel.CSV, HEAD, orders)
    lines = list(csv.reader(io.StringIO(table.decode("gb18030"), newline="")))
    total = yuan(sum(order.amount_fen for order in orders))
    assert lines[0] == ["文件号", HEAD.file_id.hex, "笔数", str(len(orders)), "合计金额", total]
    assert [line[1:3] for line in lines[2:]] == [[order.account_name, order.account_number] for order in orders]
    assert table == write_csv(HEAD, orders)


@pytest.mark.parametrize(("fen", "said"), [(1, "0.01"), (100, "1.00"), (160_000, "1600.00"), (1_000_009, "10000.09")])
def test_an_amount_is_written_without_a_float(fen: int, said: str) -> None:
    assert yuan(fen) == said


@pytest.mark.parametrize(
    ("broken", "into"),
    [
        ("<PmtMtd>TRF</PmtMtd>", ""),
        ("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>XXX</PmtMtd>"),
        ('Ccy="CNY"', ""),
        ("<EndToEndId>", "<EndToEndId>12345678901234567890"),
        ("<CtrlSum>", "<CtrlSum>x"),
        ("</CdtTrfTxInf>", "<More/></CdtTrfTxInf>"),
    ],
)
def test_the_check_of_messages_sees_what_is_wrong(broken: str, into: str) -> None:
    order = PaymentOrder(UUID(int=1), "张三", "6222020000000001", "102100099996", 160_000, UUID(int=2))
    text = write_file(BankChannel.ISO20022, HEAD, [order]).decode()
    assert broken in text
    assert PAIN_001.errors(parse_xml(text.replace(broken, into).encode())) != []
