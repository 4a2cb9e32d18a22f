"""Funds and the ledger: never over budget, in order of opening, balanced, whatever happens at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.payout.claims.service import check_payouts
from services.payout.funds.domain import FundExists, FundFacts, FundNotFound, FundSourceWithoutRule
from services.payout.funds.queries import balances, list_funds
from services.payout.funds.service import approve_proposal, propose_fund, propose_raise, reject_proposal
from services.payout.payouts.domain import PayoutState
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import reject_payouts
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import WrongState
from shared.persistence import UnitOfWork, refusal_of
from shared.security import AreaOutsideScope, Principal, Role
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import refused
from tests.payout.scenario import (
    FUND_SOURCE,
    MONDAY,
    YEAR,
    Case,
    Scenario,
    accepted,
    officer,
)
from tests.payout.steps import advance
from tests.registered import BYSTANDER

RATE_FEN = 160_000


async def figures(scenario: Scenario) -> list[tuple[int, int, int]]:
    """Budget, reserved and spent of every fund, fen."""
    rows = await scenario.sql("owner", "SELECT budget_fen, reserved_fen, spent_fen FROM funds ORDER BY id")
    return [tuple(row) for row in rows]


async def ledger_agrees(scenario: Scenario) -> bool:
    """Whether the postings sum to zero and say what the funds say."""
    rows = await scenario.sql(
        "owner",
        """
        SELECT sum(amount_fen) = 0
            AND -sum(amount_fen) FILTER (WHERE account = 'appropriation') = max(budget_fen)
            AND coalesce(sum(amount_fen) FILTER (WHERE account = 'reserved'), 0) = max(reserved_fen)
            AND coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0) = max(spent_fen) AS agrees
        FROM ledger_postings JOIN funds ON funds.id = fund_id GROUP BY fund_id
        """,
    )
    return all(row.agrees for row in rows)


async def status_of(scenario: Scenario, *cases: Case) -> list[PayoutState]:
    """Where the payouts of cases stand."""
    return [(await scenario.payout_of(case)).status for case in cases]


async def test_shortage_leaves_payouts_opened_in_order_and_a_raise_lets_them_go_on(scenario: Scenario) -> None:
    fund = await scenario.begin(budget_fen=RATE_FEN * 2 + 10_000)
    cases = [Case() for _ in range(4)]
    small = replace(Case(), level=0, kind="special_operation", act="review", skill_code="TZ-01")
    for case in cases[:3]:
        await scenario.open(case)
    await scenario.open(small)
    await scenario.run_timers()
    opened, checked = PayoutState.OPENED, PayoutState.CHECKED
    assert await status_of(scenario, *cases[:3], small) == [checked, checked, opened, opened]
    async with scenario.database.api.unit_of_work() as uow:
        await propose_raise(uow, scenario.cashier, fund.id, RATE_FEN)
    await scenario.run_timers()
    assert await status_of(scenario, cases[2]) == [opened], "proposed money is no money"
    async with scenario.database.api.unit_of_work() as uow:
        raised = await approve_proposal(uow, scenario.releaser, fund.id)
    assert raised.version == 4
    await scenario.run_timers()
    assert await status_of(scenario, cases[2], small) == [checked, opened]
    assert await figures(scenario) == [(RATE_FEN * 3 + 10_000, RATE_FEN * 3, 0)]
    assert await ledger_agrees(scenario)


async def test_an_area_with_a_fund_waits_for_its_own_money_and_others_draw_on_the_city(scenario: Scenario) -> None:
    city_fund = await scenario.begin()
    area_fund = await scenario.fund(area="410402", budget_fen=RATE_FEN)
    own, waits, elsewhere = Case(), Case(), replace(Case(), area="410481")
    for case in (own, waits, elsewhere):
        await scenario.open(case)
    await scenario.run_timers()
    assert await status_of(scenario, own, waits, elsewhere) == ["checked", "opened", "checked"]
    assert (await scenario.payout_of(own)).fund_id == area_fund.id
    assert (await scenario.payout_of(elsewhere)).fund_id == city_fund.id


async def test_a_shortage_in_one_fund_does_not_hide_the_others(scenario: Scenario) -> None:
    await scenario.begin(budget_fen=1)
    await scenario.fund(source="finance", budget_fen=RATE_FEN)
    for _ in range(5):
        await scenario.open()
    late = replace(Case(), fund_source="finance")
    await scenario.open(late)
    async with scenario.database.worker.unit_of_work() as uow:
        assert await check_payouts(uow, 2) == 1
    assert await status_of(scenario, late) == ["checked"]


async def test_reservations_from_several_connections_never_exceed_the_budget(scenario: Scenario) -> None:
    await scenario.begin(budget_fen=RATE_FEN * 3)
    cases = [Case() for _ in range(8)]
    for case in cases:
        await scenario.open(case)

    async def check() -> None:
        async with scenario.database.worker.unit_of_work() as uow:
            await check_payouts(uow, 1_000)

    await asyncio.gather(*(check() for _ in range(6)))
    assert (await status_of(scenario, *cases)).count(PayoutState.CHECKED) == 3
    assert await figures(scenario) == [(RATE_FEN * 3, RATE_FEN * 3, 0)]
    assert await ledger_agrees(scenario)


async def test_a_rejection_frees_its_reservation_for_the_next_in_line(scenario: Scenario) -> None:
    await scenario.begin(budget_fen=RATE_FEN)
    first, second = Case(), Case()
    payout = await scenario.open(first)
    await scenario.open(second)
    await scenario.run_timers()
    async with scenario.database.api.unit_of_work() as uow:
        accepted((await reject_payouts(uow, scenario.reviewer, {payout.id: Rejection("false_roster")})).values())
    assert await figures(scenario) == [(RATE_FEN, 0, 0)]
    await scenario.run_timers()
    assert await status_of(scenario, first, second) == ["rejected", "checked"]
    assert await ledger_agrees(scenario)
    (event,) = await scenario.events("payout.rejected")
    assert event["code"] == "false_roster"


async def open_one(
    scenario: Scenario, *, area: str = "410402", source: str = FUND_SOURCE, areas: tuple[str, ...] = ()
) -> FundFacts:
    """Finance of some areas opens a fund."""
    async with scenario.database.api.unit_of_work() as uow:
        caller = officer(Role.FINANCE, *areas)
        return await propose_fund(uow, caller, fund_source=source, area=area, year=YEAR, budget_fen=100)


async def test_what_finance_may_not_open(scenario: Scenario) -> None:
    await scenario.begin()
    with pytest.raises(AreaOutsideScope):
        await open_one(scenario, areas=("410403",))
    with pytest.raises(FundSourceWithoutRule):
        await open_one(scenario, source="lottery")
    fund = await open_one(scenario, areas=("410402",))
    with pytest.raises(FundNotFound):
        async with scenario.database.api.unit_of_work() as uow:
            await propose_raise(uow, officer(Role.FINANCE, "410403"), fund.id, 1)
    with pytest.raises(WrongState):
        async with scenario.database.api.unit_of_work() as uow:
            await reject_proposal(uow, scenario.cashier, fund.id)
            await propose_raise(uow, scenario.cashier, fund.id, 1)
    async with scenario.database.api.unit_of_work() as uow:
        foreign = await list_funds(uow, officer(Role.FINANCE, "410403"), after=None, limit=10)
        own = await list_funds(uow, officer(Role.FINANCE, "410402"), after=None, limit=10)
    assert (foreign, own) == ([], [fund])


async def test_money_is_proposed_by_one_and_approved_by_another_within_the_bound(scenario: Scenario) -> None:
    """Never 10^14 fen, never by one alone, nor by two records of one; a proposal is carried out once, or given up."""
    fund = await scenario.begin(budget_fen=1_000)

    async def refusal(act: Callable[[UnitOfWork], Awaitable[FundFacts]]) -> str | None:
        try:
            async with scenario.database.api.unit_of_work() as uow:
                await act(uow)
        except DomainError as refused_with:
            return refused_with.code
        return None

    most = 200_000_000_000
    assert await refusal(
        lambda uow: propose_fund(
            uow, scenario.cashier, fund_source=FUND_SOURCE, area="410403", year=YEAR, budget_fen=10**14
        )
    ) == ("fund_budget_too_large")
    assert await refusal(lambda uow: propose_raise(uow, scenario.cashier, fund.id, most)) == "fund_budget_too_large"
    assert await refusal(lambda uow: approve_proposal(uow, scenario.releaser, fund.id)) == "fund_proposal_missing"
    assert await refusal(lambda uow: propose_raise(uow, scenario.cashier, fund.id, 500)) is None
    assert await refusal(lambda uow: propose_raise(uow, scenario.releaser, fund.id, 1)) == "fund_proposal_pending"
    assert await refusal(lambda uow: approve_proposal(uow, scenario.cashier, fund.id)) == "fund_same_person"
    again = officer(Role.FINANCE)
    await scenario.merge(scenario.cashier.person, again.person)
    assert await refusal(lambda uow: approve_proposal(uow, again, fund.id)) == "fund_same_person"
    assert await refusal(lambda uow: approve_proposal(uow, scenario.releaser, fund.id)) is None
    assert await figures(scenario) == [(1_500, 0, 0)]
    assert await refusal(lambda uow: propose_raise(uow, scenario.releaser, fund.id, 7)) is None
    assert await refusal(lambda uow: reject_proposal(uow, again, fund.id)) is None
    assert await refusal(lambda uow: approve_proposal(uow, scenario.second, fund.id)) == "fund_proposal_missing"
    assert await figures(scenario) == [(1_500, 0, 0)]
    assert await ledger_agrees(scenario)


async def test_a_raise_that_two_officers_approve_at_once_is_carried_out_once(scenario: Scenario) -> None:
    fund = await scenario.begin(budget_fen=1_000)
    async with scenario.database.api.unit_of_work() as uow:
        await propose_raise(uow, scenario.cashier, fund.id, 500)

    async def approve(by: Principal) -> None:
        async with scenario.database.api.unit_of_work() as uow:
            await approve_proposal(uow, by, fund.id)

    officers = [scenario.releaser, scenario.second] * 3
    outcomes = await asyncio.gather(*map(approve, officers), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["FundProposalMissing"] * 5 + ["NoneType"]
    assert await figures(scenario) == [(1_500, 0, 0)]
    assert await ledger_agrees(scenario)


async def test_no_fund_grows_by_sql(scenario: Scenario) -> None:
    """Neither without a proposal, nor by its proposer, nor by more than was approved."""
    fund = await scenario.begin(budget_fen=1_000)
    more = (
        "WITH moved AS (INSERT INTO ledger_transactions VALUES (gen_random_uuid(), 'budget', :fund, NULL, now(), now())"
        " RETURNING id, fund_id) INSERT INTO ledger_postings SELECT moved.id, posting.account, moved.fund_id,"
        " posting.amount_fen FROM moved, (VALUES ('appropriation', -100), ('available', 100)) AS posting"
        " (account, amount_fen)"
    )
    assert await refused(scenario, "api", more, fund=fund.id) == "bu_funds"
    alone = f"UPDATE funds SET approved_fen = approved_fen + 100, approved_by = '{BYSTANDER}', version = version + 1"
    assert await refused(scenario, "api", alone) == "tw_funds"
    async with scenario.database.api.unit_of_work() as uow:
        await propose_raise(uow, scenario.cashier, fund.id, 100)
    approve = "UPDATE funds SET approved_fen = approved_fen + {}, approved_by = :by, proposed_fen = NULL,"
    approve += " version = version + 1"
    assert await refused(scenario, "api", approve.format(100), by=scenario.cashier.person) == "tw_funds"
    assert await refused(scenario, "api", approve.format(101), by=BYSTANDER) == "tw_funds"
    assert await refused(scenario, "api", approve.format(100), by=BYSTANDER) in ("bu_funds", "ev_funds")


async def test_one_fund_for_each_source_area_and_year(scenario: Scenario) -> None:
    await scenario.begin()
    with pytest.raises(IntegrityError) as caught:
        await open_one(scenario, area="410400")
    assert isinstance(refusal_of(caught.value), FundExists)


async def test_a_reservation_is_freed_by_the_end_of_its_payout_and_by_nothing_else(scenario: Scenario) -> None:
    """Freed money would be reserved again while its payout goes on to be paid: neither role may."""
    await scenario.begin()
    await advance(scenario, PayoutState.CHECKED, await scenario.open())
    waiting = await scenario.open(replace(Case(), level=3))
    free = (
        "WITH moved AS (INSERT INTO ledger_transactions SELECT gen_random_uuid(), 'free', fund_id, id, now(), now()"
        " FROM payouts WHERE status = 'checked' RETURNING id, fund_id) INSERT INTO ledger_postings SELECT moved.id,"
        " posting.account, moved.fund_id, posting.sign * 160000 FROM moved, (VALUES ('reserved', -1),"
        " ('available', 1)) AS posting (account, sign)"
    )
    for role in ("api", "worker"):
        assert await refused(scenario, role, free) == "mn_payouts"
    assert waiting.status is PayoutState.OPENED


async def test_balances_stand_as_they_stood_at_any_past_instant(scenario: Scenario) -> None:
    await scenario.begin(budget_fen=1_000_000)
    await scenario.open()
    await scenario.database.set_business_time(MONDAY + timedelta(days=1))
    await scenario.run_timers()
    found = []
    for posted_until in (MONDAY - timedelta(days=1), MONDAY + timedelta(hours=1), None):
        async with scenario.database.api.unit_of_work() as uow:
            stood = await balances(uow, scenario.cashier, posted_until)
        found.append({str(balance.account): balance.balance_fen for balance in stood if balance.balance_fen})
        assert sum(balance.balance_fen for balance in stood) == 0
    budget = {"appropriation": -1_000_000, "available": 1_000_000}
    assert found == [{}, budget, {**budget, "available": 840_000, "reserved": RATE_FEN}]


async def test_two_officers_take_away_what_nobody_has_claimed(scenario: Scenario, client: ApiClient) -> None:
    """R24: never below what is reserved, also where the reservation came between proposal and approval."""
    fund = await scenario.begin(budget_fen=RATE_FEN * 3)
    path, finance = f"/v1/funds/{fund.id}", (scenario.cashier, scenario.releaser)
    await scenario.open()
    await scenario.run_timers()
    assert code_of(await client.post(finance[0], f"{path}/reductions", {"amount_fen": RATE_FEN * 2 + 1})) == (
        "fund_reduction_too_large"
    )
    proposed = await client.post(finance[0], f"{path}/reductions", {"amount_fen": RATE_FEN * 2})
    assert (proposed.status_code, proposed.json()["proposed_fen"]) == (200, -RATE_FEN * 2)
    assert code_of(await client.post(finance[1], f"{path}/raises", {"amount_fen": 1})) == "fund_proposal_pending"
    assert code_of(await client.post(finance[0], f"{path}/approvals")) == "fund_same_person"
    await scenario.open()
    await scenario.run_timers()
    assert code_of(await client.post(finance[1], f"{path}/approvals")) == "fund_reduction_too_large"
    await client.post(finance[0], f"{path}/rejections")
    assert await figures(scenario) == [(RATE_FEN * 3, RATE_FEN * 2, 0)]

    await client.post(finance[0], f"{path}/reductions", {"amount_fen": RATE_FEN})
    reduced = await client.post(finance[1], f"{path}/approvals")
    assert (reduced.json()["budget_fen"], reduced.json()["available_fen"]) == (RATE_FEN * 2, 0)
    assert await figures(scenario) == [(RATE_FEN * 2, RATE_FEN * 2, 0)]
    assert await ledger_agrees(scenario)
    assert [event["amount_fen"] for event in await scenario.events("fund.reduced")] == [RATE_FEN]
    waiting = await scenario.open()
    await scenario.run_timers()
    assert (await scenario.now_of(waiting)).status is PayoutState.OPENED


async def test_by_sql_nobody_takes_from_a_budget_what_two_have_not_approved(scenario: Scenario) -> None:
    fund = await scenario.begin(budget_fen=RATE_FEN)
    take = """
        WITH taken AS (
            INSERT INTO ledger_transactions (id, kind, fund_id, business_at, recorded_at)
            VALUES (gen_random_uuid(), 'reduction', :fund, now(), now()) RETURNING id
        )
        INSERT INTO ledger_postings (transaction_id, fund_id, account, amount_fen)
        SELECT id, :fund, account, amount_fen
        FROM taken, (VALUES ('available', -1), ('appropriation', 1)) AS posting (account, amount_fen)
    """
    for role in ("api", "worker", "owner"):
        with pytest.raises(DBAPIError):
            await scenario.sql(role, take, fund=fund.id)
