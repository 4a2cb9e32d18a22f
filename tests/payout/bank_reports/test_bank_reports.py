"""What the bank answers to files: read whole or not at all, confirmed by another officer, applied row by row, once."""

import asyncio
import re
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.bank import Bank, Faults
from deploy.local.bank_book import Book
from services.payout.bank.domain import BankChannel
from services.payout.bank_reports import service
from services.payout.bank_reports.domain import BankReportRowDecided, BankReportSamePerson, BankReportState
from services.payout.bank_reports.service import apply_bank_reports, dismiss_report_row, reject_bank_report
from services.payout.payouts.domain import PayoutState
from services.payout.reviews.service import approve_payouts, correct_payouts
from shared.contracts.training import InstitutionListedV1
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.lifecycle import WrongState
from shared.security import Principal, Role
from tests.api_client import ApiClient, code_of
from tests.payout.bank_reports.reports import (
    confirm,
    fetched,
    in_file,
    reported,
    rows_of,
    states,
    take_in,
    upload,
)
from tests.payout.funds.test_funds import figures, ledger_agrees
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import MONDAY, OTHER_SCHOOL, SCHOOL, Case, Scenario, accepted, codes, decide, officer
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, release
from tests.worker_process import overdue

RATE_FEN = 160_000
NUMBER = b"6222020000000001"
CLOSED = "6222020009000000"
"""The bank says of such a number that there is no account."""


async def refusal(scenario: Scenario, decision: Any, by: Principal, *named: Any) -> str | None:
    """The code with which a decision is refused; None if it is taken."""
    try:
        async with scenario.database.api.unit_of_work() as uow:
            await decision(uow, by, *named)
    except DomainError as refused_with:
        return refused_with.code
    return None


@pytest.mark.parametrize("channel", [BankChannel.ISO20022, BankChannel.CSV])
async def test_a_batch_goes_to_the_bank_in_a_file_and_comes_back_paid_and_refused(
    scenario: Scenario, bank: SandboxBank, channel: BankChannel
) -> None:
    await scenario.database.set_business_time(MONDAY - timedelta(days=5))
    await scenario.account(OTHER_SCHOOL, number=CLOSED)
    await scenario.begin()
    await scenario.receive(scenario.next_event(InstitutionListedV1, OTHER_SCHOOL, area="410402", scope=()))
    opened = [await scenario.open() for _ in range(2)]
    opened.append(await scenario.open(replace(Case(), payee_id=OTHER_SCHOOL, institution=OTHER_SCHOOL)))
    payouts = await advance(scenario, PayoutState.CLEARED, *opened)
    batch = await build(scenario, *payouts, channel=channel)
    await release(scenario, batch.id)
    await scenario.run_timers()
    report = await upload(scenario, await bank.take(await fetched(scenario)))
    await scenario.run_timers()
    assert set(await states(scenario, payouts)) == {PayoutState.SENT}, "nobody has confirmed it"
    await confirm(scenario, report.id)
    for _ in range(2):
        await scenario.run_timers()
    assert await states(scenario, payouts) == [PayoutState.PAID, PayoutState.PAID, PayoutState.FAILED]
    failed = await scenario.now_of(payouts[2])
    assert failed.code == "bank_account_closed"
    closed = await scenario.sql("owner", "SELECT status FROM accounts WHERE owner_id = :id", id=OTHER_SCHOOL)
    assert [row.status for row in closed] == ["closed"]
    assert await figures(scenario) == [(100_000_000, RATE_FEN, 2 * RATE_FEN)]
    assert await ledger_agrees(scenario)
    assert [row.outcome for row in await rows_of(scenario, report.id)] == ["applied"] * 3
    assert [event["version"] for event in await scenario.events("bank_report.applied")] == [3]
    (settled,) = await scenario.sql("owner", "SELECT status FROM payment_batches")
    assert settled.status == "settled"
    assert (await bank.book())["paid_fen"] == 2 * RATE_FEN


async def test_what_the_bank_is_still_at_is_no_answer_and_a_later_report_is(
    scenario: Scenario, counter: Bank, faults: Faults, book: Book
) -> None:
    payouts = await in_file(scenario)
    faults.settle_ms = 200
    assert await take_in(scenario, await reported(scenario, counter)) == ["known", "known"]
    assert set(await states(scenario, payouts)) == {PayoutState.SENT}
    await asyncio.sleep(0.3)
    later = await reported(scenario, counter)
    assert await take_in(scenario, later) == ["applied", "applied"]
    assert await take_in(scenario, await reported(scenario, counter)) == ["known", "known"]
    assert book.summary().instructions == 2
    assert len(await scenario.events("payout.paid")) == 2


async def test_the_same_bytes_are_the_same_report_until_it_is_rejected(scenario: Scenario, counter: Bank) -> None:
    await in_file(scenario, 1)
    content = await reported(scenario, counter)
    first = await upload(scenario, content)
    assert (await upload(scenario, content, scenario.releaser)).id == first.id
    assert await refusal(scenario, reject_bank_report, scenario.cashier, first.id) is None
    second = await upload(scenario, content)
    assert second.id != first.id
    await confirm(scenario, second.id)
    assert await refusal(scenario, reject_bank_report, scenario.cashier, second.id) == WrongState.code
    await scenario.run_timers()
    known = await upload(scenario, content)
    assert (known.id, known.status) == (second.id, BankReportState.APPLIED)
    assert len(await scenario.events("payout.paid")) == 1


async def test_one_bad_row_never_takes_the_others_with_it(scenario: Scenario, counter: Bank) -> None:
    payouts = await in_file(scenario, 5)
    content = await reported(scenario, counter)
    parts = content.split(b"<TxInfAndSts>")
    parts[1] = parts[1].replace(b">1600.00<", b">1600.01<")
    parts[2] = parts[2].replace(NUMBER, b"6222020000000009")
    parts[3] = parts[3].replace(payouts[2].id.hex.encode(), uuid7().hex.encode())
    parts[4] = parts[4].replace(b'Ccy="CNY"', b'Ccy="USD"')
    outcomes = await take_in(scenario, b"<TxInfAndSts>".join(parts))
    assert outcomes == ["mismatched", "mismatched", "unmatched", "mismatched", "applied"]
    assert await states(scenario, payouts) == [PayoutState.SENT] * 4 + [PayoutState.PAID]
    assert await take_in(scenario, content) == ["applied"] * 4 + ["known"]
    assert await figures(scenario) == [(100_000_000, 0, 5 * RATE_FEN)]


async def test_a_report_that_says_two_things_of_an_instruction_is_held_in_both_rows(
    scenario: Scenario, counter: Bank
) -> None:
    payouts = await in_file(scenario, 2)
    head, first, second = (await reported(scenario, counter)).split(b"<TxInfAndSts>")
    refused = first.replace(b">ACSC<", b">RJCT<")
    outcomes = await take_in(scenario, b"<TxInfAndSts>".join((head, first, refused, second)))
    assert outcomes == ["contradictory", "contradictory", "applied"]
    assert await states(scenario, payouts) == [PayoutState.SENT, PayoutState.PAID]


async def test_an_order_that_the_bank_settles_twice_is_paid_once(
    scenario: Scenario, counter: Bank, faults: Faults
) -> None:
    payouts = await in_file(scenario, 2)
    faults.settle_twice = 2
    outcomes = await take_in(scenario, await reported(scenario, counter))
    assert outcomes == ["applied", "applied", "known", "known"]
    assert set(await states(scenario, payouts)) == {PayoutState.PAID}
    assert await figures(scenario) == [(100_000_000, 0, 2 * RATE_FEN)]


async def test_what_contradicts_an_answer_waits_for_two_officers(scenario: Scenario, counter: Bank) -> None:
    (payout,) = await in_file(scenario, 1)
    content = await reported(scenario, counter)
    assert await take_in(scenario, content) == ["applied"]
    other = await upload(scenario, content.replace(b">ACSC<", b">RJCT<"))
    await confirm(scenario, other.id)
    await scenario.run_timers()
    (row,) = await rows_of(scenario, other.id)
    assert row.outcome == "contradictory"
    assert await states(scenario, [payout]) == [PayoutState.PAID]
    assert await refusal(scenario, dismiss_report_row, scenario.cashier, row.id) is None
    assert await refusal(scenario, dismiss_report_row, scenario.cashier, row.id) == BankReportSamePerson.code
    assert await refusal(scenario, dismiss_report_row, scenario.releaser, row.id) is None
    assert await refusal(scenario, dismiss_report_row, scenario.second, row.id) == BankReportRowDecided.code


async def test_a_late_answer_about_an_attempt_that_ended_changes_nothing(scenario: Scenario, counter: Bank) -> None:
    (payout,) = await in_file(scenario, 1)
    content = await reported(scenario, counter)
    assert await take_in(scenario, content.replace(b">ACSC<", b">RJCT<")) == ["applied"]
    failed = await scenario.now_of(payout)
    assert (failed.status, failed.code) == (PayoutState.FAILED, "bank_refused")
    accepted(await decide(scenario, correct_payouts, scenario.reviewer, payout))
    accepted(await decide(scenario, approve_payouts, scenario.approver, payout))
    await scenario.run_timers()
    await release(scenario, (await build(scenario, payout, channel=BankChannel.ISO20022)).id)
    await scenario.run_timers()
    assert await take_in(scenario, content) == ["contradictory"], "the first attempt had its end"
    assert await take_in(scenario, content.replace(b">ACSC<", b">RJCT<", 1) + b"\n") == ["known"]
    again = await scenario.now_of(payout)
    assert (again.status, again.attempt, again.open_holds) == (PayoutState.SENT, 2, 1)
    assert await take_in(scenario, await reported(scenario, counter)) == ["applied"]
    assert await states(scenario, [payout]) == [PayoutState.PAID]
    assert await figures(scenario) == [(100_000_000, 0, RATE_FEN)]


async def test_who_was_refused_and_then_paid_by_the_bank_is_paid_no_second_time_before_officers_have_looked(
    scenario: Scenario, counter: Bank
) -> None:
    (payout,) = await in_file(scenario, 1)
    content = await reported(scenario, counter)
    assert await take_in(scenario, content.replace(b">ACSC<", b">RJCT<")) == ["applied"]
    assert await take_in(scenario, content) == ["contradictory"]
    assert codes(await decide(scenario, correct_payouts, scenario.reviewer, payout)) == ["held"]


async def test_a_file_that_was_delivered_twice_is_not_refused_by_that(scenario: Scenario, counter: Bank) -> None:
    (payout,) = await in_file(scenario, 1)
    content = await reported(scenario, counter)
    duplicate = content.replace(
        b"<TxSts>ACSC</TxSts>", b"<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AM05</Cd></Rsn></StsRsnInf>"
    )
    assert duplicate != content
    assert await take_in(scenario, duplicate) == ["known"]
    assert await states(scenario, [payout]) == [PayoutState.SENT]
    assert await take_in(scenario, content) == ["applied"]
    assert await states(scenario, [payout]) == [PayoutState.PAID]


async def whole_refusal(scenario: Scenario, reason: str) -> bytes:
    """The bank refuses the file of three instructions as a whole."""
    (file,) = await scenario.sql("owner", "SELECT id FROM payment_files")
    message = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.11"><CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId>'
        "<CreDtTm>2033-03-15T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{file.id.hex}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.10</OrgnlMsgNmId>"
        "<OrgnlNbOfTxs>3</OrgnlNbOfTxs><OrgnlCtrlSum>4800.00</OrgnlCtrlSum><GrpSts>RJCT</GrpSts>"
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
    )
    return message.encode()


async def test_a_file_that_the_bank_refuses_as_a_whole_is_refused_in_each_instruction(scenario: Scenario) -> None:
    payouts = await in_file(scenario, 3)
    whole = await whole_refusal(scenario, "FF01")
    others = (b">3<", b">2<"), (b"4800.00", b"4800.01"), (b"FF01", b"DU01")
    for other in (whole.replace(said, instead) for said, instead in others):
        assert await refusal(scenario, service.upload_bank_report, scenario.cashier, other) == "bank_report_invalid"
    assert await take_in(scenario, whole) == ["applied"] * 3
    assert set(await states(scenario, payouts)) == {PayoutState.FAILED}
    assert {(await scenario.now_of(payout)).code for payout in payouts} == {"bank_ff01"}


async def test_what_the_bank_says_of_a_whole_file_closes_nobodys_account(scenario: Scenario) -> None:
    """The account may be the fund's: the payees are paid again once that is mended."""
    payouts = await in_file(scenario, 3)
    assert await take_in(scenario, await whole_refusal(scenario, "AC04")) == ["applied"] * 3
    assert {(await scenario.now_of(payout)).code for payout in payouts} == {"bank_refused"}
    assert {row.status for row in await scenario.sql("owner", "SELECT status FROM accounts")} == {"confirmed"}


async def test_nobody_confirms_what_they_uploaded_under_whatever_record(scenario: Scenario, counter: Bank) -> None:
    (payout,) = await in_file(scenario, 1)
    report = await upload(scenario, await reported(scenario, counter))
    confirming = service.confirm_bank_report
    assert await refusal(scenario, confirming, scenario.cashier, report.id) == BankReportSamePerson.code
    await scenario.merge(scenario.cashier.person, scenario.releaser.person)
    assert await refusal(scenario, confirming, scenario.releaser, report.id) == BankReportSamePerson.code
    await scenario.run_timers()
    assert await states(scenario, [payout]) == [PayoutState.SENT]


async def test_a_process_that_dies_between_rows_leaves_what_was_applied_and_the_rest_follows(
    scenario: Scenario, counter: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    payouts = await in_file(scenario, 5)
    report = await upload(scenario, await reported(scenario, counter))
    await confirm(scenario, report.id)
    monkeypatch.setattr(service, "ROWS_AT_ONCE", 2)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            async with scenario.database.worker.unit_of_work() as uow:
                await apply_bank_reports(uow, 1_000)
                raise KeyboardInterrupt
        assert set(await states(scenario, payouts)) == {PayoutState.SENT}
    async with scenario.database.worker.unit_of_work() as uow:
        await apply_bank_reports(uow, 1_000)
    assert (await states(scenario, payouts)).count(PayoutState.PAID) == 2

    async def go_on() -> None:
        async with scenario.database.worker.unit_of_work() as uow:
            await apply_bank_reports(uow, 1_000)

    await asyncio.gather(*(go_on() for _ in range(4)))
    for _ in range(3):
        await go_on()
    assert set(await states(scenario, payouts)) == {PayoutState.PAID}
    assert len(await scenario.events("payout.paid")) == 5
    assert len(await scenario.events("bank_report.applied")) == 1
    assert await figures(scenario) == [(100_000_000, 0, 5 * RATE_FEN)]
    assert await ledger_agrees(scenario)


async def test_two_uploads_at_once_are_one_report(scenario: Scenario, counter: Bank) -> None:
    await in_file(scenario, 1)
    content = await reported(scenario, counter)
    outcomes = await asyncio.gather(*(upload(scenario, content) for _ in range(4)), return_exceptions=True)
    assert {type(outcome).__name__ for outcome in outcomes} <= {"BankReportFacts", "IntegrityError"}
    assert len(await scenario.sql("owner", "SELECT id FROM bank_reports")) == 1
    await upload(scenario, content)


async def test_files_that_nobody_fetches_and_the_bank_does_not_answer_are_counted(
    scenario: Scenario, counter: Bank
) -> None:
    await in_file(scenario)

    async def late(days: int) -> tuple[int, ...]:
        await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=days))
        found = await overdue(scenario.database)
        names = ("payment_file_unfetched", "payment_file_unanswered", "bank_report_uploaded", "bank_report_held")
        return tuple(found[name] for name in names)

    assert await late(0) == (0, 0, 0, 0)
    assert await late(2) == (0, 0, 0, 0)
    assert await late(3) == (1, 0, 0, 0)
    content = await fetched(scenario)
    assert await late(3) == (0, 0, 0, 0)
    assert await late(8) == (0, 2, 0, 0)
    said = counter.report_on(content)
    report = await upload(scenario, said.replace(NUMBER, b"6222020000000009", 1))
    assert await late(15) == (0, 2, 1, 0)
    await confirm(scenario, report.id)
    await scenario.run_timers()
    assert await late(16) == (0, 1, 0, 0)
    assert await late(40) == (0, 1, 0, 1)


async def test_no_number_and_no_name_of_a_report_is_kept(scenario: Scenario, counter: Bank) -> None:
    await in_file(scenario)
    await take_in(scenario, await reported(scenario, counter))
    for table in ("bank_reports", "bank_report_rows", "outbox"):
        kept = str(await scenario.sql("owner", f"SELECT * FROM {table}"))
        assert NUMBER.decode() not in kept
        assert f"单位{SCHOOL[-4:]}" not in kept


async def test_the_reports_over_http(scenario: Scenario, client: ApiClient, counter: Bank) -> None:
    await in_file(scenario, 1)
    content = await reported(scenario, counter)
    said = {"content": b64encode(content.replace(NUMBER, b"6222020000000009")).decode()}
    created = await client.post(scenario.cashier, "/v1/bank-reports", said)
    assert (created.status_code, created.json()["status"]) == (201, "uploaded")
    path, report_id = created.headers["Location"], created.json()["id"]
    assert (await client.post(scenario.releaser, "/v1/bank-reports", said)).headers["Location"] == path
    broken = await client.post(scenario.cashier, "/v1/bank-reports", {"content": b64encode(content[:-9]).decode()})
    assert (code_of(broken), NUMBER.decode() in broken.text) == ("bank_report_invalid", False)
    for text in ("?", "中文"):
        not_base64 = await client.post(scenario.cashier, "/v1/bank-reports", {"content": text})
        assert code_of(not_base64) == "bank_report_invalid"
    unknown = b64encode(re.sub(rb"<OrgnlMsgId>.{32}", b"<OrgnlMsgId>" + b"0" * 32, content)).decode()
    answer = await client.post(scenario.cashier, "/v1/bank-reports", {"content": unknown})
    assert code_of(answer) == "payment_file_not_found"
    foreign = officer(Role.FINANCE, "410403")
    for answer in (
        await client.post(foreign, "/v1/bank-reports", said),
        await client.get(foreign, path),
        await client.post(foreign, f"{path}/confirmations"),
        await client.post(foreign, f"{path}/rejections"),
    ):
        assert code_of(answer) in {"payment_file_not_found", "bank_report_not_found"}
    assert code_of(await client.post(scenario.cashier, f"{path}/confirmations")) == "bank_report_same_person"
    assert (await client.post(scenario.releaser, f"{path}/confirmations")).json()["status"] == "confirmed"
    await scenario.run_timers()
    shown = (await client.get(scenario.cashier, "/v1/bank-reports", status="applied")).json()["data"]
    assert [report["id"] for report in shown] == [report_id]
    (row,) = (await client.get(scenario.cashier, "/v1/bank-report-rows", held="true")).json()["data"]
    assert (row["outcome"], row["report_id"], row["number"]) == ("mismatched", report_id, 1)
    assert (await client.get(scenario.cashier, "/v1/bank-report-rows", held="false")).json()["data"] == []
    for path in ("/v1/bank-reports", "/v1/bank-report-rows"):
        assert (await client.get(foreign, path)).json()["data"] == []
    path = f"/v1/bank-report-rows/{row['id']}/dismissals"
    assert code_of(await client.post(foreign, path)) == "bank_report_row_not_found"
    for caller in (scenario.cashier, scenario.releaser):
        answer = await client.post(caller, path)
    assert answer.json()["dismissed_at"] is not None
    by_report = (await client.get(scenario.cashier, "/v1/bank-report-rows", report_id=report_id, held="false")).json()
    assert [row["proposed_by"] for row in by_report["data"]] == [str(scenario.cashier.person_id)]
