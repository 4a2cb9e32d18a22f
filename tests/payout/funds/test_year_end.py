"""跨年度: what a fund has reserved by 31 December is carried over by two, and paid from it; then it is closed (R24)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.payout.claims.service import check_payouts
from services.payout.funds.domain import FundFacts, FundState
from services.payout.funds.queries import balances
from services.payout.funds.service import approve_proposal, propose_ending, propose_reduction
from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import reject_payouts
from shared.kernel.errors import DomainError
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import NO_RIGHT, ROLES, refused
from tests.payout.funds.test_funds import RATE_FEN, figures, ledger_agrees
from tests.payout.money_returns.test_money_returns import answered, instruction_of, report
from tests.payout.scenario import YEAR, Scenario
from tests.payout.steps import advance, build, release
from tests.registered import BYSTANDER
from tests.worker_process import overdue

LAST_MINUTE = datetime(YEAR, 12, 31, 15, 59, tzinfo=UTC)
NEW_YEAR = datetime(YEAR + 1, 1, 4, 2, tzinfo=UTC)
BUDGET_FEN = RATE_FEN * 4


async def cleared(scenario: Scenario, count: int) -> tuple[FundFacts, list[PayoutFacts]]:
    """A fund, and payouts of it that finance may pay."""
    fund = await scenario.begin(budget_fen=BUDGET_FEN)
    return fund, await advance(scenario, PayoutState.CLEARED, *[await scenario.open() for _ in range(count)])


async def propose(scenario: Scenario, fund: FundFacts, status: FundState) -> None:
    """The cashier proposes an end."""
    async with scenario.database.api.unit_of_work() as uow:
        await propose_ending(uow, scenario.cashier, fund.id, status)


async def approve(scenario: Scenario, fund: FundFacts) -> FundFacts:
    """The releaser approves what is proposed."""
    async with scenario.database.api.unit_of_work() as uow:
        return await approve_proposal(uow, scenario.releaser, fund.id)


async def end(scenario: Scenario, fund: FundFacts, status: FundState) -> FundFacts:
    """One proposes an end, another approves it."""
    await propose(scenario, fund, status)
    return await approve(scenario, fund)


async def stood(scenario: Scenario, fund: FundFacts, posted_until: datetime) -> dict[str, int]:
    """What stood on the accounts of a fund at an instant, fen."""
    async with scenario.database.api.unit_of_work() as uow:
        found = await balances(uow, scenario.cashier, posted_until)
    return {str(line.account): line.balance_fen for line in found if line.fund_id == fund.id}


async def test_what_is_reserved_at_the_years_end_is_carried_over_by_two_and_paid_by_the_same_fund(
    scenario: Scenario, client: ApiClient
) -> None:
    fund, (payout, other) = await cleared(scenario, 2)
    path, batches = f"/v1/funds/{fund.id}", "/v1/payment-batches"
    await scenario.database.set_business_time(LAST_MINUTE)
    assert code_of(await client.post(scenario.cashier, f"{path}/carry-overs")) == "fund_year_not_over"
    await scenario.database.set_business_time(NEW_YEAR)
    refusal = await client.post(scenario.cashier, batches, {"fund_id": str(fund.id)})
    assert code_of(refusal) == "fund_year_over"
    assert code_of(await client.post(scenario.cashier, f"{path}/raises", {"amount_fen": 1})) == "fund_year_over"

    proposed = (await client.post(scenario.cashier, f"{path}/carry-overs")).json()
    assert (proposed["status"], proposed["proposed_status"]) == ("open", "carried_over")
    assert code_of(await client.post(scenario.releaser, f"{path}/reductions", {"amount_fen": 1})) == (
        "fund_proposal_pending"
    )
    assert code_of(await client.post(scenario.cashier, f"{path}/approvals")) == "fund_same_person"
    carried = (await client.post(scenario.releaser, f"{path}/approvals")).json()
    assert (carried["status"], carried["proposed_status"], carried["budget_fen"]) == (
        "carried_over",
        None,
        2 * RATE_FEN,
    )
    (event,) = await scenario.events("fund.carried_over")
    assert (event["reserved_fen"], event["amount_fen"]) == (2 * RATE_FEN, BUDGET_FEN - 2 * RATE_FEN)
    before = {"appropriation": -BUDGET_FEN, "available": BUDGET_FEN - 2 * RATE_FEN, "reserved": 2 * RATE_FEN}
    assert await stood(scenario, fund, LAST_MINUTE) == before
    assert await stood(scenario, fund, NEW_YEAR + timedelta(hours=1)) == {
        "appropriation": -2 * RATE_FEN, "available": 0, "reserved": 2 * RATE_FEN,
    }  # fmt: skip
    assert code_of(await client.post(scenario.cashier, f"{path}/carry-overs")) == "wrong_state"
    assert code_of(await client.post(scenario.cashier, f"{path}/raises", {"amount_fen": 1})) == "wrong_state"

    await release(scenario, (await build(scenario, payout, other)).id)
    await scenario.run_timers()
    await answered(scenario)
    assert [(await scenario.now_of(each)).fund_id for each in (payout, other)] == [fund.id, fund.id]
    assert await figures(scenario) == [(2 * RATE_FEN, 0, 2 * RATE_FEN)]
    assert await ledger_agrees(scenario)


async def test_what_waits_for_money_at_the_years_end_is_reserved_in_the_next_years_fund(scenario: Scenario) -> None:
    fund = await scenario.begin(budget_fen=RATE_FEN)
    reserved, waiting = [await scenario.open() for _ in range(2)]
    await scenario.run_timers()
    await scenario.database.set_business_time(NEW_YEAR)
    await scenario.run_timers()
    async with scenario.database.api.unit_of_work() as uow:
        next_fund = await scenario.fund(year=YEAR + 1)
        await reject_payouts(uow, scenario.reviewer, {reserved.id: Rejection("false_roster")})
    assert (await scenario.now_of(waiting)).status is PayoutState.OPENED, "what is freed in an old year stays there"
    await scenario.run_timers()
    assert (await scenario.now_of(waiting)).fund_id == next_fund.id
    closed = await end(scenario, fund, FundState.CLOSED)
    assert (closed.status, closed.budget_fen) == (FundState.CLOSED, 0)
    assert await ledger_agrees(scenario)


async def test_a_batch_of_new_years_eve_is_paid_and_one_that_nobody_released_waits(
    scenario: Scenario, client: ApiClient
) -> None:
    fund, (payout, other) = await cleared(scenario, 2)
    await scenario.database.set_business_time(LAST_MINUTE)
    released, built = await build(scenario, payout), await build(scenario, other)
    await release(scenario, released.id)
    await scenario.database.set_business_time(NEW_YEAR)
    await scenario.run_timers()
    await answered(scenario)
    assert (await scenario.now_of(payout)).status is PayoutState.PAID
    releases = f"/v1/payment-batches/{built.id}/releases"
    assert code_of(await client.post(scenario.releaser, releases)) == "fund_year_over"
    carried = await end(scenario, fund, FundState.CARRIED_OVER)
    assert (carried.reserved_fen, carried.spent_fen, carried.available_fen) == (RATE_FEN, RATE_FEN, 0)
    assert (await client.post(scenario.releaser, releases)).json()["status"] == "released"


async def test_a_fund_is_closed_by_two_once_nothing_is_reserved_and_takes_back_what_comes_later(
    scenario: Scenario, client: ApiClient
) -> None:
    fund, (payout,) = await cleared(scenario, 1)
    path = f"/v1/funds/{fund.id}"
    assert code_of(await client.post(scenario.cashier, f"{path}/closings")) == "fund_still_reserved"
    await release(scenario, (await build(scenario, payout)).id)
    await scenario.run_timers()
    await answered(scenario)
    assert (await client.post(scenario.cashier, f"{path}/closings")).json()["proposed_status"] == "closed"
    assert code_of(await client.post(scenario.cashier, f"{path}/approvals")) == "fund_same_person"
    assert (await client.post(scenario.releaser, f"{path}/rejections")).json()["proposed_status"] is None
    assert code_of(await client.post(scenario.releaser, f"{path}/approvals")) == "fund_proposal_missing"
    closed = await end(scenario, fund, FundState.CLOSED)
    assert (closed.status, closed.budget_fen, closed.spent_fen) == (FundState.CLOSED, RATE_FEN, RATE_FEN)
    assert code_of(await client.post(scenario.cashier, f"{path}/raises", {"amount_fen": 1})) == "wrong_state"
    assert code_of(await client.post(scenario.cashier, f"{path}/closings")) == "wrong_state"
    waiting = await scenario.open()
    await scenario.run_timers()
    assert (await scenario.now_of(waiting)).status is PayoutState.OPENED, "a closed fund reserves nothing"

    await report(scenario, await instruction_of(scenario, payout, 1))
    assert await figures(scenario) == [(RATE_FEN, RATE_FEN, 0)], "a fact of the bank comes in"
    async with scenario.database.api.unit_of_work() as uow:
        await reject_payouts(uow, scenario.reviewer, {payout.id: Rejection("false_roster")})
        await propose_reduction(uow, scenario.cashier, fund.id, RATE_FEN)
    assert (await approve(scenario, fund)).status is FundState.CLOSED
    assert await figures(scenario) == [(0, 0, 0)]
    assert await ledger_agrees(scenario)


async def test_a_fund_that_its_officers_forget_is_alarmed(scenario: Scenario) -> None:
    fund = await scenario.begin()
    await scenario.database.set_business_time(NEW_YEAR)
    assert (await overdue(scenario.database))["fund_year_over"] == 0
    await scenario.database.set_business_time(NEW_YEAR + timedelta(days=20))
    assert (await overdue(scenario.database))["fund_year_over"] == 1
    await end(scenario, fund, FundState.CARRIED_OVER)
    assert (await overdue(scenario.database))["fund_year_over"] == 0


async def test_a_carry_over_a_rejection_and_a_payment_at_one_instant_agree_with_the_ledger(scenario: Scenario) -> None:
    fund, (ends, goes, stays) = await cleared(scenario, 3)
    await release(scenario, (await build(scenario, goes)).id)
    await scenario.run_timers()
    await scenario.database.set_business_time(NEW_YEAR)
    await propose(scenario, fund, FundState.CARRIED_OVER)

    async def reject() -> None:
        async with scenario.database.api.unit_of_work() as uow:
            await reject_payouts(uow, scenario.approver, {ends.id: Rejection("false_roster")})

    outcomes = await asyncio.gather(
        reject(), answered(scenario), *(approve(scenario, fund) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes if isinstance(outcome, Exception)) == (
        ["FundProposalMissing"] * 2
    )
    assert (await scenario.now_of(stays)).status is PayoutState.CLEARED
    ((budget_fen, reserved_fen, spent_fen),) = await figures(scenario)
    assert spent_fen == RATE_FEN
    assert budget_fen - reserved_fen - spent_fen in (0, RATE_FEN), "what is freed after the carry-over is available"
    assert await ledger_agrees(scenario)


async def test_a_closing_and_a_reservation_at_one_instant_exclude_one_another(scenario: Scenario) -> None:
    fund = await scenario.begin(budget_fen=BUDGET_FEN)
    await propose(scenario, fund, FundState.CLOSED)
    waiting = [await scenario.open() for _ in range(3)]

    async def check() -> None:
        async with scenario.database.worker.unit_of_work() as uow:
            await check_payouts(uow, 1_000)

    _, outcome = await asyncio.gather(check(), approve(scenario, fund), return_exceptions=True)
    reserved = {(await scenario.now_of(payout)).status for payout in waiting} == {PayoutState.CHECKED}
    assert isinstance(outcome, DomainError) == reserved
    assert await figures(scenario) == [(BUDGET_FEN, 3 * RATE_FEN, 0) if reserved else (0, 0, 0)]
    assert await ledger_agrees(scenario)


async def test_a_reservation_that_began_before_midnight_finds_its_fund_carried_over(scenario: Scenario) -> None:
    fund = await scenario.begin(budget_fen=BUDGET_FEN)
    waiting = await scenario.open()
    async with scenario.database.worker.unit_of_work() as uow:
        await scenario.database.set_business_time(NEW_YEAR)
        await end(scenario, fund, FundState.CARRIED_OVER)
        assert await check_payouts(uow, 1_000) == 0
    assert (await scenario.now_of(waiting)).status is PayoutState.OPENED


RESERVE = """
WITH moved AS (
    INSERT INTO ledger_transactions SELECT gen_random_uuid(), 'reserve', :fund, id, now(), now()
    FROM payouts WHERE status = 'opened' RETURNING id, fund_id
)
INSERT INTO ledger_postings SELECT moved.id, account, moved.fund_id, amount_fen
FROM moved, (VALUES ('available', -1), ('reserved', 1)) AS posting (account, amount_fen)
"""
BATCH = """
INSERT INTO payment_batches (id, status, version, open_holds, created_at, fund_id, area, count, amount_fen, built_by,
    second_release_above_fen)
SELECT gen_random_uuid(), 'built', 1, 0, now(), id, area, 1, 1, proposed_by, 50000000 FROM funds
"""


@pytest.mark.parametrize("role", ROLES)
async def test_by_sql_no_fund_ends_reserves_or_pays_out_of_its_time(scenario: Scenario, role: str) -> None:
    """Neither without a proposal, nor by its proposer, nor before its time, nor keeping what is not claimed."""
    worker = role == "worker"
    fund, _ = await cleared(scenario, 1)
    await scenario.open()
    end_it = (
        "UPDATE funds SET status = '{}', version = version + 1, approved_by = :by, proposed_status = NULL,"
        " approved_fen = {}"
    )
    late = end_it.format("carried_over", "reserved_fen")
    early, closed = late, end_it.format("closed", "reserved_fen")
    not_owned = NO_RIGHT if worker else "tw_funds"
    for statement in (early, closed):
        assert await refused(scenario, role, statement, by=BYSTANDER) == not_owned
    assert await refused(scenario, role, "UPDATE funds SET status = 'closed', version = version + 1") == "tw_funds"
    assert await refused(scenario, role, "UPDATE funds SET status = 'carried_over', version = version + 1") == (
        "tw_funds"
    )
    forced = "UPDATE funds SET proposed_status = '{}', proposed_by = '" + str(scenario.cashier.person) + "'"
    await scenario.force("funds", forced.format("closed"))
    assert await refused(scenario, role, closed, by=BYSTANDER) == not_owned, "something is reserved"
    await scenario.force("funds", forced.format("carried_over"))
    assert await refused(scenario, role, early, by=BYSTANDER) == not_owned, "the year is not over"

    await scenario.database.set_business_time(NEW_YEAR)
    assert await refused(scenario, role, late, by=scenario.cashier.person) == not_owned
    assert await refused(scenario, role, end_it.format("carried_over", "approved_fen"), by=BYSTANDER) == not_owned
    assert await refused(scenario, role, end_it.format("closed", "reserved_fen"), by=BYSTANDER) == not_owned
    reserve = "wo_ledger_transactions" if role == "api" else "yr_ledger_transactions"
    assert await refused(scenario, role, RESERVE, fund=fund.id) in (reserve, NO_RIGHT)
    assert await refused(scenario, role, BATCH) == (NO_RIGHT if worker else "yr_payment_batches")
    await approve(scenario, fund)
    assert await refused(scenario, role, RESERVE, fund=fund.id) in (reserve, NO_RIGHT, "ck_funds_within_budget")
    for status in ("open", "proposed", "rejected"):
        assert await refused(scenario, role, f"UPDATE funds SET status = '{status}', version = version + 1") == (
            "lc_funds"
        )
    both = "UPDATE funds SET proposed_fen = 1, proposed_status = 'closed'"
    assert await refused(scenario, role, both) == (NO_RIGHT if worker else "ck_funds_one_proposal")


async def test_by_sql_a_batch_built_in_its_year_is_not_released_after_it(scenario: Scenario) -> None:
    _, (payout,) = await cleared(scenario, 1)
    await build(scenario, payout)
    await scenario.database.set_business_time(NEW_YEAR)
    statement = "UPDATE payment_batches SET status = 'released', version = version + 1, released_by = :by"
    for role in ("api", "owner"):
        assert await refused(scenario, role, statement, by=scenario.releaser.person) == "yr_payment_batches"
