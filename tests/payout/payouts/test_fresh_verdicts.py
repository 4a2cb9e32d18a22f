"""A fresh verdict on the holder (R2, R10): a yes lifts what an old one held, a no holds what is not with the bank."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.payout.holds.domain import Hold, HoldSource
from services.payout.holds.queries import open_holds
from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.contracts.envelope import Event
from shared.contracts.voucher import VoucherJudgedV1
from shared.persistence.refusals import constraint_of
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.funds.test_funds import RATE_FEN, figures, ledger_agrees
from tests.payout.money_returns.test_money_returns import answered
from tests.payout.scenario import Case, Scenario, officer
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, release

TODAY = date(2033, 3, 7)


def judged(scenario: Scenario, case: Case, eligibility: str) -> Event:
    """A register answered today."""
    said = {"eligibility": eligibility, "eligibility_decided_on": TODAY}
    return scenario.next_event(VoucherJudgedV1, case.voucher_id, **said)


async def standing(scenario: Scenario, payout: PayoutFacts) -> list[Hold]:
    """The holds that stand on a payout."""
    async with scenario.database.api.unit_of_work() as uow:
        return await open_holds(uow, [payout.id])


@pytest.mark.parametrize(
    "said", [{"eligibility": "unknown"}, {"eligibility_decided_on": date(2033, 1, 3)}], ids=["unknown", "stale"]
)
async def test_a_yes_lifts_what_the_verdict_before_held(scenario: Scenario, said: dict[str, Any]) -> None:
    await scenario.begin()
    case = replace(Case(), **said)
    payout = await scenario.open(case)
    assert payout.open_holds == 1
    await scenario.receive(judged(scenario, case, "eligible"))
    await advance(scenario, PayoutState.REVIEWED, payout)
    assert [event["reason_code"] for event in await scenario.events("payout.hold_lifted")] == [
        f"eligibility_{'unknown' if 'eligibility' in said else 'stale'}"
    ]


async def test_what_was_refused_for_a_no_opens_by_itself_after_a_yes(scenario: Scenario) -> None:
    await scenario.begin()
    case = replace(Case(), eligibility="ineligible")
    refused = await scenario.open(case)
    assert (refused.status, refused.code) == (PayoutState.REJECTED, "ineligible")
    await scenario.run_timers()
    assert len(await scenario.payouts_of(case)) == 1
    await scenario.receive(judged(scenario, case, "eligible"))
    await scenario.run_timers()
    _, opened = await scenario.payouts_of(case)
    assert opened.open_holds == 0
    (row,) = await scenario.sql("api", "SELECT eligibility_decided_on FROM payouts WHERE id = :id", id=opened.id)
    assert row.eligibility_decided_on == TODAY
    await advance(scenario, PayoutState.REVIEWED, opened)


@pytest.mark.parametrize(
    "state", [PayoutState.OPENED, PayoutState.APPROVED, PayoutState.PUBLISHED, PayoutState.BATCHED]
)
async def test_a_no_holds_what_is_not_with_the_bank_and_a_yes_lets_it_go_on(
    scenario: Scenario, state: PayoutState
) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, state, await scenario.open(case))
    for _ in range(2):
        await scenario.receive(judged(scenario, case, "ineligible"))
        (hold,) = await standing(scenario, payout)
        assert (hold.source, hold.reason_code) == (HoldSource.ELIGIBILITY, "ineligible")
    if state is PayoutState.PUBLISHED:
        await scenario.database.set_business_time(AFTER_THE_NOTICE)
        await scenario.run_timers()
        assert (await scenario.now_of(payout)).status is PayoutState.PUBLISHED
    await scenario.receive(judged(scenario, case, "eligible"))
    now = await scenario.now_of(payout)
    assert (now.status, now.open_holds) == (state, 0)


async def test_what_the_bank_has_is_answered_under_the_hold_and_what_is_paid_is_not_held(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open(case))
    await scenario.receive(judged(scenario, case, "ineligible"))
    held = await scenario.now_of(payout)
    assert (held.status, held.open_holds) == (PayoutState.SENT, 1)
    await answered(scenario)
    await scenario.receive(judged(scenario, case, "eligible"))
    await scenario.receive(judged(scenario, case, "ineligible"))
    now = await scenario.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.PAID, 0)


async def test_a_no_takes_the_place_of_what_was_not_known(scenario: Scenario, client: ApiClient) -> None:
    """No officer answers for somebody whom a register names ineligible; two reject, or another answer lifts it."""
    await scenario.begin()
    case = replace(Case(), eligibility="unknown")
    payout = await scenario.open(case)
    await scenario.receive(judged(scenario, case, "ineligible"))
    (hold,) = await standing(scenario, payout)
    path = f"/v1/payouts/{payout.id}/holds/{hold.id}"
    for act, body in (("lift", None), ("take-overs", {"reason_code": "known_personally"})):
        refusal = await client.post(officer(Role.OFFICER, "410402"), f"{path}/{act}", body)
        assert code_of(refusal) == "hold_of_another_source"
    row = {"payout_id": str(payout.id), "reason_code": "ineligible"}
    answer = await client.post(scenario.reviewer, "/v1/payout-rejections", {"rows": [row]})
    assert answer.json()["results"][0]["result"]["status"] == "rejected"
    await scenario.receive(judged(scenario, case, "eligible"))
    await scenario.run_timers()
    await scenario.run_timers()
    assert [each.status for each in await scenario.payouts_of(case)] == [PayoutState.REJECTED, PayoutState.CHECKED]


async def test_a_no_after_two_officers_answered_holds_again(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    case = replace(Case(), eligibility="unknown")
    payout = await scenario.open(case)
    (hold,) = await standing(scenario, payout)
    path = f"/v1/payouts/{payout.id}/holds"
    taken = await client.post(scenario.reviewer, f"{path}/{hold.id}/take-overs", {"reason_code": "letter"})
    await scenario.receive(judged(scenario, case, "ineligible"))
    second = officer(Role.OFFICER, "410402")
    assert (await client.post(second, f"{taken.headers['Location']}/lift")).status_code == 200
    assert [each.reason_code for each in await standing(scenario, payout)] == ["ineligible"]


async def test_a_no_and_a_sending_at_one_instant(scenario: Scenario) -> None:
    """It is held in any case: here, or at the bank where it went before the no came; never sent while it is held."""
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.CLEARED, await scenario.open(case))
    await release(scenario, (await build(scenario, payout)).id)
    await asyncio.gather(scenario.run_timers(), scenario.receive(judged(scenario, case, "ineligible")))
    now = await scenario.now_of(payout)
    assert now.open_holds == 1
    (held,) = await scenario.events("payout.held")
    sent = await scenario.events("payout.sent")
    assert (now.status is PayoutState.SENT) == bool(sent)
    assert all(event["version"] < held["version"] for event in sent)
    assert (await figures(scenario))[0][1:] in [(RATE_FEN, 0), (0, RATE_FEN)]
    assert await ledger_agrees(scenario)


TAKE_OVER = """
    INSERT INTO payout_holds (id, payout_id, source, source_id, reason_code, placed_by, placed_at)
    SELECT gen_random_uuid(), payout_id, 'taken_over', id::text, 'x', :by, now() FROM payout_holds WHERE id = :hold
"""
LIFT = "UPDATE payout_holds SET lifted_at = now() + interval '9 years', lifted_by = :by WHERE id = :hold"


async def test_by_sql_no_officer_lifts_a_no(scenario: Scenario) -> None:
    """As the role of the API: not even one who wrote beside it that they answer for it."""
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    await scenario.receive(judged(scenario, case, "ineligible"))
    (hold,) = await standing(scenario, payout)
    with pytest.raises(DBAPIError) as caught:
        async with scenario.database.api.engine.begin() as connection:
            for statement in (TAKE_OVER, LIFT):
                await connection.execute(text(statement), {"by": scenario.reviewer.person, "hold": hold.id})
    assert constraint_of(caught.value) == "wo_payout_holds"
