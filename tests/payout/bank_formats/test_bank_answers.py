"""The bank's answers as files: read as they are meant, or refused whole; nothing in them is expanded or fetched."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payout.bank.domain import Answer
from services.payout.bank_formats.domain import BankReportInvalid, ReportedAnswer, WholeRefusal, read_report

FILE, ID, PAYOUT = UUID(int=1), UUID(int=2), UUID(int=3)
ROW = (
    f"<TxInfAndSts><OrgnlInstrId>{ID.hex}</OrgnlInstrId><OrgnlEndToEndId>{PAYOUT.hex}</OrgnlEndToEndId>"
    '<TxSts>ACSC</TxSts><OrgnlTxRef><Amt><InstdAmt Ccy="CNY">1600.00</InstdAmt></Amt>'
    "<CdtrAcct><Id><Othr><Id>6222020000000001</Id></Othr></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts>"
)
MESSAGE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.11">'
    "<CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId><CreDtTm>2033-03-15T10:00:00+08:00</CreDtTm></GrpHdr>"
    f"<OrgnlGrpInfAndSts><OrgnlMsgId>{FILE.hex}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.10</OrgnlMsgNmId>"
    f"</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>{FILE.hex}</OrgnlPmtInfId>{ROW}</OrgnlPmtInfAndSts>"
    "</CstmrPmtStsRpt></Document>"
)
TABLE = (
    f'"文件号","{FILE.hex}","笔数","2","合计金额","1600.01"\r\n'
    '"指令号","收款人账号","金额","币种","状态","原因"\r\n'
    f'"{ID.hex}","6222020000000001","1600.00","CNY","成功",""\r\n'
    f'"{PAYOUT.hex}","6222020000000002","0.01","CNY","失败","AC04"\r\n'
)


def test_a_message_says_what_became_of_an_instruction() -> None:
    paid = ReportedAnswer(ID, PAYOUT, Answer.PAID, 160_000, "6222020000000001", None)
    assert read_report(MESSAGE.encode()) == (FILE, [paid])
    assert read_report(b"\xef\xbb\xbf" + MESSAGE.encode()) == (FILE, [paid])


@pytest.mark.parametrize(
    ("code", "answer"),
    [("ACSC", "paid"), ("ACCC", "paid"), ("RJCT", "failed"), ("CANC", "failed"), ("ACSP", "accepted"),
     ("ACWP", "accepted"), ("PDNG", "accepted"), ("XXXX", "accepted")],
)  # fmt: skip
def test_only_what_is_an_end_is_one(code: str, answer: str) -> None:
    _, answers = read_report(MESSAGE.replace("ACSC", code).encode())
    assert not isinstance(answers, WholeRefusal)
    assert [said.answer for said in answers] == [answer]


def test_a_table_says_it_row_by_row() -> None:
    file_id, answers = read_report(TABLE.encode("gb18030"))
    assert not isinstance(answers, WholeRefusal)
    assert (file_id, [said.answer for said in answers]) == (FILE, [Answer.PAID, Answer.FAILED])
    assert [(said.amount_fen, said.reason) for said in answers] == [(160_000, None), (1, "account_closed")]


@pytest.mark.parametrize(
    ("amount", "fen"),
    [("1600", 160_000), ("1600.5", 160_050), ("0.010", 1), ("1600.005", None), ("0", None), ("+1", None),
     ("99999999999999", None), (".5", None)],
)  # fmt: skip
def test_an_amount_is_read_without_a_float(amount: str, fen: int | None) -> None:
    _, answers = read_report(MESSAGE.replace(">1600.00<", f">{amount}<").encode())
    assert not isinstance(answers, WholeRefusal)
    assert [said.amount_fen for said in answers] == [fen]


BOMB = (
    '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<",
        MESSAGE[:-1].encode(),
        MESSAGE.replace("pain.002.001.11", "pain.002.001.10").encode(),
        MESSAGE.replace("<Document", BOMB + "<Document").replace("ACSC", "&i;").encode(),
        MESSAGE.replace("<Document", '<!DOCTYPE d SYSTEM "file:///etc/passwd"><Document').encode(),
        MESSAGE.encode("utf-16"),
        MESSAGE.replace("ACSC", "&nothing;").encode(),
        MESSAGE.replace("ACSC", "ACSCX").encode(),
        MESSAGE.replace("<TxSts>ACSC</TxSts>", "<Other/>").encode(),
        MESSAGE.replace(FILE.hex, "1").encode(),
        MESSAGE.replace(ROW, "").encode(),
        MESSAGE.replace("</OrgnlGrpInfAndSts>", "<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>").encode(),
        MESSAGE.replace("2033-03-15T10", "2033-03-15T1").encode(),
        MESSAGE.replace(ROW, ROW * 2_001).encode(),
        b"<a>" * 200_000,
        MESSAGE.replace("\n", "").replace("<CstmrPmtStsRpt>", "6222020000000001<CstmrPmtStsRpt>").encode(),
        TABLE.encode(),
        TABLE.encode("gb18030")[:-30],
        TABLE.rsplit("\r\n", 2)[0].encode("gb18030"),
        TABLE.replace("成功", "很成功").encode("gb18030"),
        TABLE.replace("1600.01", "1600.02").encode("gb18030"),
        TABLE.replace('"原因"', '"其他"').encode("gb18030"),
        TABLE.replace('"AC04"', '"AC04').encode("gb18030"),
        b"\xff\xff",
    ],
)
def test_what_is_not_as_agreed_is_refused_whole_and_without_being_quoted(content: bytes) -> None:
    with pytest.raises(BankReportInvalid) as caught:
        read_report(content)
    assert "6222" not in str(caught.value.facts)


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with pytest.raises(BankReportInvalid):
        read_report(content)
    for good in (MESSAGE.encode(), TABLE.encode("gb18030")):
        place = len(content) * 7 % len(good)
        try:
            read_report(good[:place] + content + good[place:])
        except BankReportInvalid:
            continue
