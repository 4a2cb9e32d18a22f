"""Lists of work: one filter for rows and totals, a last day for each, what is late alarmed (A26)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.payout.funds.service import approve_proposal, propose_raise
from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.contracts.training import InstitutionListedV1
from shared.kernel.clock import business_date
from shared.reference.calendar import first_in_time, working_days_after
from shared.security import Role
from tests.api_client import ApiClient
from tests.payout.scenario import MONDAY, OTHER_SCHOOL, Case, Scenario, officer, worker
from tests.payout.steps import AFTER_THE_NOTICE, advance
from tests.worker_process import overdue

RATE_FEN = 160_000


@pytest.mark.parametrize("days_ahead", range(0, 40, 3))
def test_the_first_day_in_time_is_the_first_whose_work_is_not_late(days_ahead: int) -> None:
    today = business_date(MONDAY) + timedelta(days=days_ahead)
    first = first_in_time(today, 10)
    assert working_days_after(first, 10) >= today > working_days_after(first - timedelta(days=1), 10)


async def test_one_filter_narrows_rows_and_totals(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    await scenario.receive(scenario.next_event(InstitutionListedV1, OTHER_SCHOOL, area="410402", scope=()))
    case = Case(level=3, institution=OTHER_SCHOOL)
    found, other = await advance(scenario, PayoutState.CHECKED, await scenario.open(case), await scenario.open())
    for query in (
        {"institution": OTHER_SCHOOL},
        {"class_id": str(case.class_id)},
        {"person_id": str(case.person_id)},
        {"level": "3", "skill_code": case.skill_code, "status": "checked", "area": "410402"},
        {"amount_from_fen": str(other.amount_fen + 1), "amount_until_fen": str(found.amount_fen)},
        {"voucher_id": str(case.voucher_id), "fund_id": str(found.fund_id), "held": "false", "overdue": "false"},
    ):
        listed = (await client.get(scenario.reviewer, "/v1/payouts", **query)).json()["data"]
        assert [payout["id"] for payout in listed] == [str(found.id)], query
        totals = (await client.get(scenario.reviewer, "/v1/payout-totals", **query)).json()
        assert (totals["count"], totals["amount_fen"]) == (1, found.amount_fen)
        assert (totals["data"][0]["status"], totals["data"][0]["overdue"]) == ("checked", 0)
    for nothing in ({"opened_from": "2033-03-08"}, {"opened_until": "2033-03-06"}, {"area": "410403"}):
        assert (await client.get(scenario.reviewer, "/v1/payouts", **nothing)).json()["data"] == []
    both = (await client.get(scenario.reviewer, "/v1/payout-totals")).json()
    assert (both["count"], both["amount_fen"]) == (2, found.amount_fen + other.amount_fen)
    own = (await client.get(worker(case.person_id), "/v1/payout-totals")).json()
    assert (own["count"], own["amount_fen"]) == (1, found.amount_fen)
    foreign = officer(Role.OFFICER, "410403")
    assert (await client.get(foreign, "/v1/payout-totals")).json() == {"data": [], "count": 0, "amount_fen": 0}


async def test_work_has_a_last_day_and_what_is_late_is_alarmed(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    waiting, paid_out = await scenario.open(), await scenario.open()
    shown = (await client.get(scenario.reviewer, "/v1/payouts")).json()["data"]
    assert {(payout["due_on"], payout["overdue"]) for payout in shown} == {("2033-03-21", False)}
    await advance(scenario, PayoutState.CLEARED, paid_out)
    (cleared,) = (await client.get(scenario.cashier, "/v1/payouts", status="cleared")).json()["data"]
    assert cleared["due_on"] == "2033-03-28"
    for days, late in ((6, []), (7, [waiting]), (13, [waiting]), (14, [waiting, paid_out])):
        await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=days))
        listed = (await client.get(scenario.cashier, "/v1/payouts", overdue="true")).json()["data"]
        assert [payout["id"] for payout in listed] == [str(payout.id) for payout in late], days
        assert all(payout["overdue"] for payout in listed)
    counted = await overdue(scenario.database)
    assert (counted["review"], counted["disbursement"]) == (1, 1)


async def test_who_waits_for_money_sees_since_when_and_behind_how_many(scenario: Scenario, client: ApiClient) -> None:
    """应保尽保 (§三(三)): by the fund that would pay, the area's own or the city's."""
    fund = await scenario.begin(budget_fen=RATE_FEN)
    covered, next_one, last = [await scenario.open() for _ in range(3)]
    elsewhere = await scenario.open(replace(Case(), area="410481"))
    other_source = await scenario.open(replace(Case(), fund_source="finance"))
    await scenario.run_timers()
    await scenario.fund(area="410481", budget_fen=RATE_FEN // 2)

    async def shortage(payout: PayoutFacts) -> tuple[str, int] | None:
        shown = (await client.get(scenario.approver, f"/v1/payouts/{payout.id}")).json()["shortage"]
        assert shown is None or datetime.fromisoformat(shown["since"]) == payout.created_at
        return (shown["code"], shown["place"]) if shown else None

    assert await shortage(covered) is None
    assert [await shortage(payout) for payout in (next_one, last)] == [("fund_exhausted", 1), ("fund_exhausted", 2)]
    assert await shortage(elsewhere) == ("fund_exhausted", 1)
    assert await shortage(other_source) == ("fund_not_found", 1)
    async with scenario.database.api.unit_of_work() as uow:
        await propose_raise(uow, scenario.cashier, fund.id, RATE_FEN)
    async with scenario.database.api.unit_of_work() as uow:
        await approve_proposal(uow, scenario.releaser, fund.id)
    assert [await shortage(payout) for payout in (next_one, last)] == [None, ("fund_exhausted", 2)]
    await scenario.run_timers()
    assert [await shortage(payout) for payout in (next_one, last)] == [None, ("fund_exhausted", 1)]
