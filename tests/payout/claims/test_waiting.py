"""A turn of the timer over payouts that wait: they are read together, asked nothing one by one, and not locked."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import event

from services.payout.claims.service import check_payouts
from services.payout.payouts.domain import PayoutFacts, PayoutState
from tests.payout.funds.test_funds import RATE_FEN
from tests.payout.scenario import Case, Scenario

ASKED_NOTHING = """
    CREATE OR REPLACE FUNCTION {}(about payouts) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'a payout was asked by itself'; END $$
"""


async def turn(scenario: Scenario) -> list[str]:
    """One turn; every statement that it says to the database."""
    said: list[str] = []
    engine = scenario.database.worker.engine.sync_engine

    def remember(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", remember)
    try:
        async with scenario.database.worker.unit_of_work() as uow:
            await check_payouts(uow, 1_000)
    finally:
        event.remove(engine, "before_cursor_execute", remember)
    return said


async def waiting(scenario: Scenario, count: int, *, verified: bool) -> Sequence[PayoutFacts]:
    """So many opened payouts of one class."""
    first = Case()
    cases = [Case(class_id=first.class_id) for _ in range(count)]
    if verified:
        await scenario.receive(scenario.verified(first))
    for case in cases:
        await scenario.receive(scenario.issued(case), scenario.certified(case))
    return [await scenario.payout_of(case) for case in cases]


async def test_payouts_that_wait_for_their_class_are_asked_nothing_one_by_one(scenario: Scenario) -> None:
    await scenario.begin()
    await waiting(scenario, 3, verified=False)
    for function in ("awaits_class", "has_incomplete_facts"):
        await scenario.sql("owner", ASKED_NOTHING.format(function))
    said = await turn(scenario)
    await waiting(scenario, 5, verified=False)
    assert len(await turn(scenario)) == len(said)


async def test_payouts_that_the_money_does_not_reach_are_not_locked(scenario: Scenario) -> None:
    await scenario.begin(budget_fen=RATE_FEN * 2)
    first, second, *others = await waiting(scenario, 6, verified=True)
    await turn(scenario)
    assert {(await scenario.now_of(each)).status for each in (first, second)} == {PayoutState.CHECKED}
    for function in ("awaits_class", "has_incomplete_facts"):
        await scenario.sql("owner", ASKED_NOTHING.format(function))
    said = await turn(scenario)
    assert not [statement for statement in said if "FROM payouts" in statement and "FOR UPDATE" in statement]
    assert {(await scenario.now_of(each)).status for each in others} == {PayoutState.OPENED}
