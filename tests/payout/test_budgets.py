"""The statements of payout's hot steps (`tests/budgets.py`)."""

import pytest

from services.payout.payouts.domain import PayoutState
from shared.messaging import Timer
from tests.bench.stand import in_topics
from tests.budgets import within
from tests.payout.scenario import Case, Scenario
from tests.worker_process import look_around, run_timers, worker_of


@pytest.mark.parametrize("count", [1, 8])
async def test_an_opening(scenario: Scenario, count: int) -> None:
    await scenario.begin()
    first = Case()
    await scenario.receive(scenario.verified(first))
    cases = [Case(class_id=first.class_id, batch_id=first.batch_id) for _ in range(count)]
    events = [event for case in cases for event in (scenario.issued(case), scenario.certified(case))]
    consumer = worker_of("payout").consumer(scenario.database.worker)
    with within("open"):
        await consumer.apply(in_topics(events))
    assert {(await scenario.payout_of(case)).status for case in cases} == {PayoutState.OPENED}


async def test_an_idle_turn(scenario: Scenario) -> None:
    await scenario.begin()
    await scenario.open()
    for _ in range(3):
        await run_timers(scenario.database)
    timers = {timer.name for timer in worker_of("payout").timers if isinstance(timer, Timer)}
    with within("an idle turn of payout"):
        assert await look_around(scenario.database) == timers
