"""退汇: what the bank paid and gave back goes on under a new attempt, once, and to another account (R23)."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest

from services.payout.accounts.domain import AccountCoolingOff, AccountUnchanged
from services.payout.bank.domain import Answer, BankAnswer, ReturnReport
from services.payout.bank.service import Bank
from services.payout.instructions.domain import Reply
from services.payout.instructions.service import lease_due, record_answers
from services.payout.instructions.timers import deliver
from services.payout.money_returns.domain import MoneyReturnDecided, MoneyReturnSamePerson
from services.payout.money_returns.service import dismiss_money_return, record_returned
from services.payout.money_returns.timers import collect
from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import approve_payouts, correct_payouts, reject_payouts
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.security import Principal
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import NO_RIGHT, ROLES, move, refused
from tests.payout.funds.test_funds import figures, ledger_agrees
from tests.payout.sandbox_bank import SandboxBank, client_of_a_bank_that_says
from tests.payout.scenario import SCHOOL, Scenario, accepted, codes, decide
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, release

RATE_FEN = 160_000
CODE = "account_name_wrong"


async def answered(scenario: Scenario, answer: Answer = Answer.PAID) -> None:
    """The bank answers for all that is with it."""
    async with scenario.database.worker.unit_of_work() as uow:
        due = await lease_due(uow, 100)
        await record_answers(uow, [Reply(call, BankAnswer(answer), given=True) for call in due])


async def paid(scenario: Scenario) -> PayoutFacts:
    """A payout that the bank has paid."""
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open())
    await answered(scenario)
    return await scenario.now_of(payout)


async def instruction_of(scenario: Scenario, payout: PayoutFacts, attempt: int) -> UUID:
    """The instruction of an attempt."""
    found = await scenario.sql(
        "owner", "SELECT id FROM instructions WHERE payout_id = :id AND attempt = :attempt", id=payout.id,
        attempt=attempt,
    )  # fmt: skip
    instruction: UUID = found[0][0]
    return instruction


async def report(scenario: Scenario, instruction: UUID, *, amount_fen: int = RATE_FEN, reference: str = "") -> int:
    """The bank says that an instruction's money came back; how many payouts went back by it."""
    async with scenario.database.worker.unit_of_work() as uow:
        said = ReturnReport(reference or f"R{uuid7()}", instruction, amount_fen, CODE)
        return await record_returned(uow, [said])


async def pay_again(scenario: Scenario, payout: PayoutFacts, days: int) -> PayoutFacts:
    """After the account was corrected: correction, approval, batch and the bank's answer, all anew."""
    await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=days))
    accepted(await decide(scenario, correct_payouts, scenario.reviewer, payout))
    accepted(await decide(scenario, approve_payouts, scenario.approver, payout))
    await scenario.run_timers()
    await release(scenario, (await build(scenario, payout)).id)
    await scenario.run_timers()
    await answered(scenario)
    return await scenario.now_of(payout)


async def test_returned_money_is_reserved_again_and_paid_by_a_new_attempt_to_a_corrected_account(
    scenario: Scenario,
) -> None:
    payout = await paid(scenario)
    assert await figures(scenario) == [(100_000_000, 0, RATE_FEN)]
    assert await report(scenario, await instruction_of(scenario, payout, 1)) == 1
    returned = await scenario.now_of(payout)
    assert (returned.status, returned.code, returned.attempt) == ("returned", CODE, 1)
    assert await figures(scenario) == [(100_000_000, RATE_FEN, 0)]
    (event,) = await scenario.events("payout.returned")
    assert (event["code"], event["amount_fen"]) == (CODE, RATE_FEN)
    outcomes = await decide(scenario, correct_payouts, scenario.reviewer, payout)
    assert codes(outcomes) == [AccountUnchanged.code]
    await scenario.account(SCHOOL, number="6222020000000002")
    outcomes = await decide(scenario, correct_payouts, scenario.reviewer, payout)
    assert codes(outcomes) == [AccountCoolingOff.code]
    again = await pay_again(scenario, payout, days=4)
    assert (again.status, again.attempt) == (PayoutState.PAID, 2)
    assert await figures(scenario) == [(100_000_000, 0, RATE_FEN)]
    assert await ledger_agrees(scenario)
    assert len(await scenario.events("payout.published")) == 1, "the notice is not repeated"


class Vanished(Exception):
    """The process ends here."""


class DeafBank(Bank):
    """Payout's client of the bank, whose process ends before it acknowledges a report."""

    async def acknowledge(self, report: ReturnReport) -> None:
        raise Vanished(report.reference)


async def test_the_bank_is_asked_what_came_back_and_reports_it_until_it_is_taken_down(
    scenario: Scenario, bank: SandboxBank
) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open())
    assert await deliver(scenario.database.worker, bank.client) == 1
    assert await collect(scenario.database.worker, bank.client) == 0
    await bank.give_back(payout.id, CODE)
    with pytest.raises(Vanished):
        await collect(scenario.database.worker, DeafBank(bank.http))
    assert (await scenario.now_of(payout)).status is PayoutState.RETURNED
    assert len(await bank.reports()) == 1
    assert await collect(scenario.database.worker, bank.client) == 0
    assert await bank.reports() == []
    assert await figures(scenario) == [(100_000_000, RATE_FEN, 0)]
    bank.close_down()
    assert await collect(scenario.database.worker, bank.client) == 0, "a bank that is silent has said nothing"


async def test_a_report_that_cannot_be_read_takes_no_other_with_it() -> None:
    good = {"reference": "R-1", "instruction_id": str(uuid7()), "amount_fen": 1, "code": CODE}
    wrong: list[dict[str, object]] = [
        {"reference": "../x"}, {"reference": 1}, {"instruction_id": "R"}, {"amount_fen": 0}, {"amount_fen": True},
        {"amount_fen": 1.5}, {"code": "王小明"}, {"code": None},
    ]  # fmt: skip
    rows = [1, None, *({**good, **change} for change in wrong), good]
    async with client_of_a_bank_that_says(json.dumps({"returns": rows}).encode()) as client:
        assert [report.reference for report in await client.returned()] == ["R-1"]
    for body in (b"", b"[]", b'{"returns": {}}'):
        async with client_of_a_bank_that_says(body) as client:
            assert await client.returned() == []


async def test_the_same_payout_comes_back_twice_and_is_paid_the_third_time(scenario: Scenario) -> None:
    payout = await paid(scenario)
    for attempt in (1, 2):
        assert await report(scenario, await instruction_of(scenario, payout, attempt)) == 1
        await scenario.account(SCHOOL, number=f"622202000000000{attempt + 1}")
        payout = await pay_again(scenario, payout, days=4 * attempt)
        assert (payout.status, payout.attempt) == (PayoutState.PAID, attempt + 1)
    outcomes = await scenario.sql("owner", "SELECT outcome FROM deliveries ORDER BY answered_at")
    assert [row.outcome for row in outcomes] == ["returned", "returned", "paid"]
    assert await figures(scenario) == [(100_000_000, 0, RATE_FEN)]
    assert await ledger_agrees(scenario)


async def test_a_report_is_believed_once_and_one_about_another_attempt_or_amount_waits_for_two_officers(
    scenario: Scenario,
) -> None:
    payout = await paid(scenario)
    first = await instruction_of(scenario, payout, 1)
    assert await report(scenario, first, amount_fen=RATE_FEN - 1, reference="SHORT") == 0
    assert await report(scenario, first, reference="FIRST") == 1
    assert await report(scenario, first, reference="FIRST") == 0, "the same file twice is the same report"
    assert await report(scenario, uuid7(), reference="NOT OURS") == 0
    await scenario.account(SCHOOL, number="6222020000000002")
    payout = await pay_again(scenario, payout, days=4)
    assert await report(scenario, first, reference="LATE") == 0
    assert (await scenario.now_of(payout)).status is PayoutState.PAID
    kept = await scenario.sql("owner", "SELECT id, reference, taken FROM money_returns ORDER BY id")
    assert [(row.reference, row.taken) for row in kept] == [("SHORT", False), ("FIRST", True), ("LATE", False)]

    async def refusal(by: Principal, return_id: UUID) -> str | None:
        try:
            async with scenario.database.api.unit_of_work() as uow:
                await dismiss_money_return(uow, by, return_id)
        except DomainError as refused_with:
            return refused_with.code
        return None

    assert await refusal(scenario.cashier, kept[1].id) == MoneyReturnDecided.code
    assert await refusal(scenario.cashier, kept[2].id) is None
    assert await refusal(scenario.cashier, kept[2].id) == MoneyReturnSamePerson.code
    assert await refusal(scenario.releaser, kept[2].id) is None
    assert await refusal(scenario.second, kept[2].id) == MoneyReturnDecided.code


async def test_reports_of_several_processes_return_a_payout_once(scenario: Scenario) -> None:
    payout = await paid(scenario)
    first = await instruction_of(scenario, payout, 1)
    moved = await asyncio.gather(*(report(scenario, first, reference=f"R{place % 2}") for place in range(6)))
    assert sorted(moved) == [0, 0, 0, 0, 0, 1]
    assert len(await scenario.events("payout.returned")) == 1
    assert await figures(scenario) == [(100_000_000, RATE_FEN, 0)]


async def test_what_came_back_can_be_rejected_and_its_money_is_free(scenario: Scenario) -> None:
    payout = await paid(scenario)
    await report(scenario, await instruction_of(scenario, payout, 1))
    async with scenario.database.api.unit_of_work() as uow:
        accepted((await reject_payouts(uow, scenario.second, {payout.id: Rejection("payee_gone")})).values())
    assert await figures(scenario) == [(100_000_000, 0, 0)]
    assert await ledger_agrees(scenario)


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_returns_money_without_the_banks_report(scenario: Scenario, role: str) -> None:
    """Neither by a move of its own, nor by a report that moves nothing, nor beside a payment that stands."""
    payout = await paid(scenario)
    stops = {NO_RIGHT} if role == "api" else {"dl_payouts", "rp_payouts", "mn_payouts", "ev_payouts"}
    assert await move(scenario, role, payout.id, "returned", ", code = 'x'") in stops
    forged = (
        "INSERT INTO money_returns (id, reference, instruction_id, payout_id, amount_fen, code, taken, reported_at)"
        " SELECT gen_random_uuid(), 'X', id, payout_id, amount_fen, 'x', true, now() FROM instructions"
    )
    assert await refused(scenario, role, forged) == (NO_RIGHT if role == "api" else "ta_money_returns")
    again = (
        "INSERT INTO deliveries (instruction_id, payout_id, next_call_at, amount_fen)"
        " SELECT id, payout_id, now(), amount_fen FROM instructions"
    )
    assert await refused(scenario, role, again) in (NO_RIGHT, "pk_deliveries", "uq_deliveries_live")
    more = "UPDATE deliveries SET amount_fen = amount_fen + 1"
    assert await refused(scenario, role, more) in (NO_RIGHT, "fi_deliveries")
    once_more = "UPDATE deliveries SET outcome = 'failed'"
    assert await refused(scenario, role, once_more) in (NO_RIGHT, "fi_deliveries")


@pytest.mark.parametrize("role", ["worker", "owner"])
async def test_a_delivery_says_what_is_owed_and_nothing_else(scenario: Scenario, role: str) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.BATCHED, await scenario.open())
    more = (
        "INSERT INTO deliveries (instruction_id, payout_id, next_call_at, amount_fen)"
        " SELECT id, payout_id, now(), amount_fen + :more FROM instructions"
    )
    assert await refused(scenario, role, more, more=1) == "ow_deliveries"
    assert await refused(scenario, role, more, more=-1) == "ow_deliveries"
    assert payout.amount_fen == RATE_FEN


async def test_the_reports_over_http(scenario: Scenario, client: ApiClient) -> None:
    payout = await paid(scenario)
    await report(scenario, await instruction_of(scenario, payout, 1), amount_fen=1)
    held = (await client.get(scenario.cashier, "/v1/money-returns", held="true")).json()["data"]
    assert [(row["payout_id"], row["taken"]) for row in held] == [(str(payout.id), False)]
    assert (await client.get(scenario.cashier, "/v1/money-returns", held="false")).json()["data"] == []
    path = f"/v1/money-returns/{held[0]['id']}/dismissals"
    assert (await client.post(scenario.cashier, path)).json()["dismissed_at"] is None
    assert code_of(await client.post(scenario.cashier, path)) == "money_return_same_person"
    assert (await client.post(scenario.releaser, path)).json()["dismissed_at"] is not None
    assert code_of(await client.post(scenario.releaser, path)) == "money_return_decided"
    missing = f"/v1/money-returns/{uuid7()}/dismissals"
    assert code_of(await client.post(scenario.releaser, missing)) == "money_return_not_found"
