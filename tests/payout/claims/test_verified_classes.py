"""R20: money is reserved for a payout once an officer has verified its class (验收)."""

import pytest

from services.payout.payouts.domain import PayoutState
from tests.payout.attacks import refused
from tests.payout.scenario import Case, Scenario

SWITCH_OFF = "UPDATE dated_rules SET value = 0 WHERE name = 'class_verification_awaited'"
CHECK = """
    UPDATE payouts SET status = 'checked', version = version + 1, fund_id = (SELECT id FROM funds LIMIT 1)
"""


async def opened(scenario: Scenario) -> Case:
    """A payout of a class that nobody has verified."""
    case = Case()
    await scenario.receive(scenario.issued(case), scenario.certified(case))
    await scenario.run_timers()
    assert (await scenario.payout_of(case)).status is PayoutState.OPENED
    return case


async def test_a_payout_is_checked_once_its_class_is_verified(scenario: Scenario) -> None:
    await scenario.begin()
    case = await opened(scenario)
    another = Case()
    await scenario.receive(scenario.verified(another))
    await scenario.run_timers()
    assert (await scenario.payout_of(case)).status is PayoutState.OPENED
    await scenario.receive(scenario.verified(case))
    await scenario.run_timers()
    assert (await scenario.payout_of(case)).status is PayoutState.CHECKED


async def test_the_order_of_the_events_is_no_matter(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    await scenario.receive(scenario.verified(case), scenario.certified(case), scenario.issued(case))
    await scenario.run_timers()
    assert (await scenario.payout_of(case)).status is PayoutState.CHECKED


async def test_a_dated_switch_lets_payouts_go_unverified(scenario: Scenario) -> None:
    await scenario.begin()
    case = await opened(scenario)
    await scenario.sql("owner", SWITCH_OFF)
    await scenario.run_timers()
    assert (await scenario.payout_of(case)).status is PayoutState.CHECKED


@pytest.mark.parametrize("role", ["worker", "owner"])
async def test_the_database_checks_no_payout_of_an_unverified_class(scenario: Scenario, role: str) -> None:
    await scenario.begin()
    await opened(scenario)
    assert await refused(scenario, role, CHECK) == "cv_payouts"


@pytest.mark.parametrize("role", ["api", "worker", "owner"])
async def test_what_is_verified_stays_so_and_the_api_invents_none(scenario: Scenario, role: str) -> None:
    await scenario.begin()
    await scenario.receive(scenario.verified(Case()))
    assert await refused(scenario, role, "UPDATE class_facts SET verified_on = now()") in ("42501", "ao_class_facts")
    if role == "api":
        assert await refused(scenario, role, "INSERT INTO class_facts VALUES (gen_random_uuid(), now())") == "42501"
