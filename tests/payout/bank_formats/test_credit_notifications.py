"""The bank's notification of credits: read as it is meant, or refused whole; nobody who pays is read or quoted."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payout.bank_formats.domain import BankReportInvalid
from services.payout.credit_notifications.domain import NAMESPACE, ReportedCredit, read_credits
from tests.payout.bank_formats.credits import PAYER, PAYER_NUMBER, entry, notification, returned, transaction

ID, PAYOUT = UUID(int=2), UUID(int=3)
DAY = date(2033, 3, 16)
CAME_BACK = returned("R-1", 160_000, named=ID.hex, payout=PAYOUT.hex)
MESSAGE = notification(entry(160_000, CAME_BACK))
TWO = notification(entry(160_050, CAME_BACK, transaction("I/2", 50)), entry(1, transaction("I.3", 1)))


def problem_of(content: str | bytes) -> str:
    """What is wrong with a message; no word of who pays is in it."""
    with pytest.raises(BankReportInvalid) as caught:
        read_credits(content if isinstance(content, bytes) else content.encode())
    problem = str(caught.value.facts["problem"])
    assert PAYER not in problem
    assert "6222" not in problem
    return problem


def test_a_message_says_what_came_back_and_what_came_in() -> None:
    back = ReportedCredit("R-1", 160_000, DAY, "account_closed", ID, PAYOUT)
    assert read_credits(MESSAGE.encode()) == [back]
    assert read_credits(b"\xef\xbb\xbf" + MESSAGE.encode()) == [back]
    others = [ReportedCredit("I/2", 50, DAY, None, None, None), ReportedCredit("I.3", 1, DAY, None, None, None)]
    assert read_credits(TWO.encode()) == [back, *others]
    split = TWO.replace("<NtryDtls>", "<NtryDtls></NtryDtls><NtryDtls>").replace(
        "<CdtDbtInd>CRDT</CdtDbtInd><Rltd", "<Rltd"
    )
    assert read_credits(split.replace("<Ntry>", "</Ntfctn><Ntfctn><Ntry>").encode()) == [back, *others]


@pytest.mark.parametrize(
    ("said", "code", "ids"),
    [("AC04", "account_closed", (ID, PAYOUT)), ("MS03", "ms03", (ID, PAYOUT)), ("be01", "be01", (ID, PAYOUT))],
)
def test_a_reason_is_ours_or_the_banks_in_lower_case(said: str, code: str, ids: tuple[UUID, UUID]) -> None:
    (credit,) = read_credits(MESSAGE.replace("AC04", said).encode()) or []
    assert (credit.code, (credit.named, credit.payout)) == (code, ids)


def test_an_id_that_is_none_of_ours_is_none() -> None:
    (credit,) = read_credits(MESSAGE.replace(ID.hex, "NOTPROVIDED").replace(PAYOUT.hex, PAYER_NUMBER).encode()) or []
    assert (credit.named, credit.payout) == (None, None)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("<DtTm>2033-03-15T23:30:00</DtTm>", date(2033, 3, 15)),
        ("<DtTm>2033-03-15T16:30:00Z</DtTm>", DAY),
        ("<DtTm>2033-03-16T00:00:00.123+08:00</DtTm>", DAY),
    ],
)
def test_the_day_of_a_booking_is_that_of_shanghai(said: str, day: date) -> None:
    (credit,) = read_credits(MESSAGE.replace("<Dt>2033-03-16</Dt>", said).encode()) or []
    assert credit.booked_on == day


def test_what_is_pending_is_left_out() -> None:
    pending = entry(7, transaction("P-1", 7), status="PDNG", day="")
    found = read_credits(notification(pending, entry(50, transaction("I-2", 50))).encode())
    assert [credit.reference for credit in found or []] == ["I-2"]
    assert problem_of(notification(pending)) == "rows"


@pytest.mark.parametrize(
    "content",
    [b"", b"table", MESSAGE.replace(NAMESPACE, NAMESPACE[:-1] + "2").encode(), MESSAGE.replace(NAMESPACE, "").encode()],
)
def test_what_is_no_such_message_is_left_to_others(content: bytes) -> None:
    assert read_credits(content) is None


BOOKED = '<Amt Ccy="CNY">1600.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
CODE = "<SubFmlyCd>DMCT</SubFmlyCd>"
REASON = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"


@pytest.mark.parametrize(
    ("said", "instead", "problem"),
    [
        ("</Document>", "", "XML"),
        ("<Document", '<!DOCTYPE d SYSTEM "file:///etc/passwd"><Document', "XML"),
        ("<Document", '<!DOCTYPE d [<!ENTITY a "1600.00">]><Document', "XML"),
        ("1600.00", "&a;", "XML"),
        ("Document", "Dokument", "message"),
        ("BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt", "message"),
        ("</BkToCstmrDbtCdtNtfctn>", "</BkToCstmrDbtCdtNtfctn><BkToCstmrDbtCdtNtfctn/>", "BkToCstmrDbtCdtNtfctn"),
        ("Ntry>", "Other>", "rows"),
        ("Ntry>", 'Ntry xmlns="x">', "XML"),
        (f"{BOOKED}<Sts>", f"{BOOKED.replace('CRDT', 'DBIT')}<Sts>", "CdtDbtInd"),
        (f"{BOOKED}<Rltd", f"{BOOKED.replace('CRDT', 'DBIT')}<Rltd", "CdtDbtInd"),
        (f"{BOOKED}<Sts>", '<Amt Ccy="CNY">1600.00</Amt><Sts>', "CdtDbtInd"),
        (f"{BOOKED}<Rltd", f"{BOOKED.replace('CRDT', '')}<Rltd", "CdtDbtInd"),
        ("CRDT</CdtDbtInd><Sts>", "CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>", "RvslInd"),
        ("CRDT</CdtDbtInd><Rltd", "CRDT</CdtDbtInd><RvslInd>1</RvslInd><Rltd", "RvslInd"),
        ('"CNY"', '"USD"', "Amt"),
        (' Ccy="CNY"', "", "Amt"),
        ('"CNY">1600.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Rltd', '"HKD">1600.00</Amt><Rltd', "Amt"),
        ("1600.00", "-1600.00", "Amt"),
        ("1600.00", "1600.001", "Amt"),
        ("1600.00", "0.00", "Amt"),
        ("1600.00", " 1600.00", "Amt"),
        ("1600.00", "99999999999999", "Amt"),
        ("1600.00<", "1600.00<Fen>1</Fen><", "Amt"),
        ("<Sts>", '<Amt Ccy="CNY">1.00</Amt><Sts>', "Amt"),
        (f"{BOOKED}<Rltd", "<Rltd", "Amt"),
        ("BOOK", "INFO", "Sts/Cd"),
        ("BOOK", "FUTR", "Sts/Cd"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "", "Sts/Cd"),
        ("<Cd>BOOK</Cd>", "<Prtry>BOOK</Prtry>", "Sts/Cd"),
        ("<Cd>BOOK</Cd>", "<Cd>BOOK</Cd><Cd>PDNG</Cd>", "Sts/Cd"),
        ("<BookgDt><Dt>2033-03-16</Dt></BookgDt>", "", "BookgDt"),
        ("2033-03-16<", "2033-02-29<", "BookgDt"),
        ("2033-03-16<", "20330316<", "BookgDt"),
        ("2033-03-16<", "1899-12-31<", "BookgDt"),
        ("<Dt>2033-03-16</Dt>", "<DtTm>9999-12-31T23:59:59-14:00</DtTm>", "BookgDt"),
        ("<Dt>2033-03-16</Dt>", "<DtTm>2033-03-16</DtTm>", "BookgDt"),
        ("<Dt>2033-03-16</Dt>", "<Dt>2033-03-16</Dt><DtTm>2033-03-16T01:00:00</DtTm>", "BookgDt"),
        ("<AcctSvcrRef>R-1</AcctSvcrRef>", "", "Refs/AcctSvcrRef"),
        (">R-1<", f">{PAYER}<", "Refs/AcctSvcrRef"),
        (">R-1<", f">{'1' * 36}<", "Refs/AcctSvcrRef"),
        (">R-1<", ">R-1</AcctSvcrRef><AcctSvcrRef>R-2<", "Refs/AcctSvcrRef"),
        (REASON, "<RtrInf/>", "RtrInf/Rsn/Cd"),
        (REASON, REASON.replace("Cd>", "Prtry>"), "RtrInf/Rsn/Cd"),
        ("AC04", PAYER, "RtrInf/Rsn/Cd"),
        (REASON, REASON * 2, "RtrInf"),
        (f"<InstrId>{ID.hex}</InstrId>", f"<InstrId>{ID.hex}</InstrId>" * 2, "Refs/InstrId"),
        (f"{BOOKED}<Sts>", f"{BOOKED.replace('1600.00', '1600.01')}<Sts>", "totals"),
        ("NtryDtls>", "Other>", "totals"),
    ],
)  # fmt: skip
def test_what_is_not_as_agreed_is_refused_whole_and_named(said: str, instead: str, problem: str) -> None:
    assert said in MESSAGE
    assert problem_of(MESSAGE.replace(said, instead)) == problem
    beside = notification(entry(50, transaction("I-2", 50)), entry(160_000, CAME_BACK))
    assert problem_of(beside.replace(said, instead)) == problem


def test_money_that_the_bank_calls_returned_says_why() -> None:
    by_entry = MESSAGE.replace(REASON, "").replace(CODE, "<SubFmlyCd>RRTN</SubFmlyCd>")
    assert problem_of(by_entry) == "RtrInf"
    of_the_transaction = f"<BkTxCd><Domn><Fmly>{CODE.replace('DMCT', 'RRTN')}</Fmly></Domn></BkTxCd>"
    assert problem_of(MESSAGE.replace(REASON, of_the_transaction)) == "RtrInf"


def test_a_reference_stands_once_and_rows_have_a_bound() -> None:
    assert problem_of(notification(entry(2, transaction("I-1", 1), transaction("I-1", 1)))) == "duplicate"
    many = [transaction(f"I-{number}", 1) for number in range(2_001)]
    assert problem_of(notification(entry(2_001, *many))) == "rows"
    assert len(read_credits(notification(entry(2_000, *many[1:])).encode()) or []) == 2_000


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    place = len(content) * 7 % len(TWO)
    whole = TWO.encode()
    for some in (content, whole[:place] + content + whole[place:]):
        try:
            read_credits(some)
        except BankReportInvalid:
            continue
