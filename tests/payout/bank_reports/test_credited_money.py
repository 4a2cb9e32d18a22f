"""What the bank notifies of credits: returned and incoming money, confirmed by another officer, each counted once."""

import asyncio
from base64 import b64encode
from datetime import date

import pytest

from deploy.local.bank import Bank
from services.payout.bank_reports import service
from services.payout.bank_reports.domain import BankReportSamePerson, BankReportState
from services.payout.bank_reports.service import apply_bank_reports, dismiss_report_row
from services.payout.clawbacks.service import match_incoming
from services.payout.incoming_payments.queries import list_incoming_payments
from services.payout.incoming_payments.service import type_incoming
from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.kernel.ids import uuid7
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.bank_formats.credits import (
    PAYER,
    PAYER_NUMBER,
    entry,
    notification,
    returned,
    transaction,
)
from tests.payout.bank_reports.reports import confirm, in_file, reported, rows_of, states, take_in, upload
from tests.payout.bank_reports.test_bank_reports import refusal
from tests.payout.debts import incoming, only_case, opened_debt
from tests.payout.funds.test_funds import figures, ledger_agrees
from tests.payout.money_returns.test_money_returns import instruction_of, paid, pay_again, report
from tests.payout.scenario import SCHOOL, Scenario, officer

RATE_FEN = 160_000


def gave_back(payout: PayoutFacts, reference: str = "R-1", amount_fen: int = RATE_FEN, message: str = "1") -> bytes:
    """The bank notifies that it gave back what was paid for the first attempt."""
    said = returned(reference, amount_fen, named=payout.id.hex, payout=payout.id.hex)
    return notification(entry(amount_fen, said), message=message).encode()


def came_in(reference: str, amount_fen: int, message: str = "1") -> bytes:
    """The bank notifies that money came in."""
    return notification(entry(amount_fen, transaction(reference, amount_fen)), message=message).encode()


async def test_returned_money_is_taken_once_however_often_it_is_notified(scenario: Scenario) -> None:
    payout = await paid(scenario)
    first = await upload(scenario, gave_back(payout))
    assert (first.file_id, first.count) == (None, 1)
    await scenario.run_timers()
    assert await states(scenario, [payout]) == [PayoutState.PAID], "nobody has confirmed it"
    assert await refusal(scenario, service.confirm_bank_report, scenario.cashier, first.id) == BankReportSamePerson.code
    await confirm(scenario, first.id)
    for _ in range(2):
        await scenario.run_timers()
    (row,) = await rows_of(scenario, first.id)
    assert (row.kind, row.outcome, row.reason) == ("returned", "applied", "account_closed")
    now = await scenario.now_of(payout)
    assert (now.status, now.code) == (PayoutState.RETURNED, "account_closed")
    assert await figures(scenario) == [(100_000_000, RATE_FEN, 0)]
    again = await upload(scenario, gave_back(payout), scenario.releaser)
    assert (again.id, again.status) == (first.id, BankReportState.APPLIED)
    assert await take_in(scenario, gave_back(payout, message="2")) == ["known"]
    assert await take_in(scenario, gave_back(payout, "R-2", message="3")) == ["contradictory"]
    assert await take_in(scenario, gave_back(payout, amount_fen=1, message="4")) == ["contradictory"]
    assert len(await scenario.events("payout.returned")) == 1
    assert [event["file_id"] for event in await scenario.events("bank_report.applied")] == [None] * 4
    assert await ledger_agrees(scenario)


async def test_what_the_bank_reports_when_it_is_asked_and_by_a_file_counts_once(scenario: Scenario) -> None:
    payout = await paid(scenario)
    instruction = await instruction_of(scenario, payout, 1)
    assert await report(scenario, instruction, reference="R-1") == 1
    assert await take_in(scenario, gave_back(payout)) == ["known"]
    await scenario.account(SCHOOL, number="6222020000000002")
    again = await pay_again(scenario, payout, days=4)
    second = await instruction_of(scenario, again, 2)
    said = returned("R-2", RATE_FEN, named=second.hex, payout=payout.id.hex)
    assert await take_in(scenario, notification(entry(RATE_FEN, said)).encode()) == ["applied"]
    assert await report(scenario, second, reference="R-2") == 0
    kept = await scenario.sql("owner", "SELECT reference, taken FROM money_returns ORDER BY reference")
    assert [tuple(row) for row in kept] == [("R-1", True), ("R-2", True)]
    assert await figures(scenario) == [(100_000_000, RATE_FEN, 0)]


async def test_which_attempt_came_back_is_not_guessed(scenario: Scenario) -> None:
    payout = await paid(scenario)
    only_payout = returned("R-1", RATE_FEN, payout=payout.id.hex)
    assert await take_in(scenario, notification(entry(RATE_FEN, only_payout)).encode()) == ["applied"]
    await scenario.account(SCHOOL, number="6222020000000002")
    again = await pay_again(scenario, payout, days=4)
    late = only_payout.replace("R-1", "R-2")
    assert await take_in(scenario, notification(entry(RATE_FEN, late)).encode()) == ["unmatched"]
    earlier = gave_back(payout, "R-3")
    assert await take_in(scenario, earlier) == ["contradictory"], "the first attempt had its end"
    assert (again.status, await states(scenario, [payout])) == (PayoutState.PAID, [PayoutState.PAID])
    assert await figures(scenario) == [(100_000_000, 0, RATE_FEN)]


async def test_what_differs_or_matches_nothing_waits_for_two_officers_and_takes_no_other_with_it(
    scenario: Scenario,
) -> None:
    payout = await paid(scenario)
    own = payout.id.hex
    said = [
        returned("R-1", RATE_FEN - 1, named=own), returned("R-2", RATE_FEN, named=uuid7().hex, payout=own),
        returned("R-3", RATE_FEN, named=own, payout=uuid7().hex), returned("R-4", RATE_FEN),
        transaction("I-1", 7), returned("R-5", RATE_FEN, named=own), returned("R-6", RATE_FEN, named=own),
    ]  # fmt: skip
    content = notification(entry(6 * RATE_FEN + 6, *said)).encode()
    outcomes = await take_in(scenario, content)
    assert outcomes == ["mismatched", *["unmatched"] * 3, "applied", "applied", "contradictory"]
    assert await states(scenario, [payout]) == [PayoutState.RETURNED]
    held = await scenario.sql("owner", "SELECT id FROM bank_report_rows WHERE outcome = 'mismatched'")
    for by, code in (
        (scenario.cashier, None),
        (scenario.cashier, BankReportSamePerson.code),
        (scenario.releaser, None),
    ):
        assert await refusal(scenario, dismiss_report_row, by, held[0].id) == code
    (kept,) = await scenario.sql("owner", "SELECT reference FROM money_returns")
    assert kept.reference == "R-5", "what is held leaves its reference free"


async def test_what_was_paid_by_a_file_and_came_back_is_applied_in_that_order(
    scenario: Scenario, counter: Bank
) -> None:
    (payout,) = await in_file(scenario, 1)
    back = await upload(scenario, gave_back(payout))
    said = await upload(scenario, await reported(scenario, counter))
    for found in (back, said):
        await confirm(scenario, found.id)
    for _ in range(2):
        await scenario.run_timers()
    assert [(await rows_of(scenario, found.id))[0].outcome for found in (back, said)] == ["applied", "applied"]
    assert await states(scenario, [payout]) == [PayoutState.RETURNED]
    assert await figures(scenario) == [(100_000_000, RATE_FEN, 0)]


async def test_incoming_money_is_recorded_once_and_matched_afterwards(scenario: Scenario) -> None:
    debt = await opened_debt(scenario)
    assert await take_in(scenario, came_in("I-1", RATE_FEN + 5)) == ["applied"]
    assert await take_in(scenario, came_in("I-1", RATE_FEN + 5, message="2")) == ["known"]
    assert await take_in(scenario, came_in("I-1", RATE_FEN, message="3")) == ["contradictory"]
    async with scenario.database.api.unit_of_work() as uow:
        (kept,) = await list_incoming_payments(uow, scenario.cashier, is_free=True, after=None, limit=10)
    assert (kept.reference, kept.amount_fen, kept.matched_fen) == ("I-1", RATE_FEN + 5, 0)
    assert (kept.received_on, kept.recorded_by) == (date(2033, 3, 16), None)
    assert await refusal(scenario, match_incoming, scenario.cashier, kept.id, debt.id) is None
    assert (await only_case(scenario)).status == "settled"
    assert await take_in(scenario, came_in("I-1", RATE_FEN + 5, message="4")) == ["known"]
    assert (await incoming(scenario, "I-1", RATE_FEN + 5)).id == kept.id
    (used,) = await scenario.sql("owner", "SELECT matched_fen FROM incoming_payments")
    assert used.matched_fen == RATE_FEN
    assert await refusal(scenario, match_incoming, scenario.cashier, kept.id, debt.id) is not None


async def test_what_an_officer_typed_is_known_and_a_reference_is_of_one_thing(scenario: Scenario) -> None:
    payout = await paid(scenario)
    async with scenario.database.api.unit_of_work() as uow:
        for reference in ("I-1", "R-1"):
            await type_incoming(uow, scenario.cashier, reference=reference, amount_fen=RATE_FEN, received_on=uow.today)
    assert await take_in(scenario, came_in("I-1", RATE_FEN)) == ["known"]
    assert await take_in(scenario, gave_back(payout)) == ["contradictory"], "somebody typed it as incoming money"
    assert await take_in(scenario, gave_back(payout, "R-2")) == ["applied"]
    assert await take_in(scenario, came_in("R-2", RATE_FEN)) == ["contradictory"]
    assert len(await scenario.sql("owner", "SELECT id FROM incoming_payments")) == 2


async def test_notifications_that_overlap_are_applied_once_by_however_many_processes(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    payout = await paid(scenario)
    both = returned("R-1", RATE_FEN, named=payout.id.hex), transaction("I-1", 5), transaction("I-2", 6)
    found = [
        await upload(scenario, notification(entry(RATE_FEN + 11, *both), message=str(number)).encode())
        for number in range(3)
    ]
    for uploaded in found:
        await confirm(scenario, uploaded.id)
    monkeypatch.setattr(service, "ROWS_AT_ONCE", 4)
    with pytest.raises(KeyboardInterrupt):
        async with scenario.database.worker.unit_of_work() as uow:
            await apply_bank_reports(uow, 1_000)
            raise KeyboardInterrupt

    async def go_on() -> None:
        async with scenario.database.worker.unit_of_work() as uow:
            await apply_bank_reports(uow, 1_000)

    await asyncio.gather(*(go_on() for _ in range(3)))
    for _ in range(4):
        await go_on()
    outcomes = [row.outcome for uploaded in found for row in await rows_of(scenario, uploaded.id)]
    assert outcomes == ["applied"] * 3 + ["known"] * 6
    assert len(await scenario.events("payout.returned")) == 1
    kept = await scenario.sql("owner", "SELECT amount_fen FROM incoming_payments ORDER BY reference")
    assert [row.amount_fen for row in kept] == [5, 6]
    assert len(await scenario.events("bank_report.applied")) == 3


async def test_nothing_of_who_pays_is_kept(scenario: Scenario) -> None:
    payout = await paid(scenario)
    back = returned("R-1", RATE_FEN, named=payout.id.hex)
    await take_in(scenario, notification(entry(RATE_FEN + 5, back, transaction("I-1", 5))).encode())
    tables = ("bank_reports", "bank_report_rows", "money_returns", "incoming_payments", "outbox")
    for table in tables:
        kept = str(await scenario.sql("owner", f"SELECT * FROM {table}"))
        assert PAYER not in kept
        assert PAYER_NUMBER not in kept


async def test_credits_are_the_citys_over_http(scenario: Scenario, client: ApiClient) -> None:
    payout = await paid(scenario)
    said = {"content": b64encode(gave_back(payout, amount_fen=1)).decode()}
    county = officer(Role.FINANCE, "410402")
    assert code_of(await client.post(county, "/v1/bank-reports", said)) == "area_outside_scope"
    broken = {"content": b64encode(gave_back(payout).replace(b"CRDT", b"DBIT")).decode()}
    assert code_of(await client.post(scenario.cashier, "/v1/bank-reports", broken)) == "bank_report_invalid"
    created = await client.post(scenario.cashier, "/v1/bank-reports", said)
    assert (created.status_code, created.json()["file_id"]) == (201, None)
    path = created.headers["Location"]
    for answer in (await client.get(county, path), await client.post(county, f"{path}/confirmations")):
        assert code_of(answer) == "bank_report_not_found"
    for listed in ("/v1/bank-reports", "/v1/bank-report-rows"):
        assert (await client.get(county, listed)).json()["data"] == []
    assert (await client.post(scenario.releaser, f"{path}/confirmations")).json()["status"] == "confirmed"
    await scenario.run_timers()
    (row,) = (await client.get(scenario.cashier, "/v1/bank-report-rows", held="true")).json()["data"]
    assert (row["kind"], row["outcome"], row["answer"]) == ("returned", "mismatched", None)
    assert (row["reference"], row["booked_on"], row["amount_fen"]) == ("R-1", "2033-03-16", 1)
