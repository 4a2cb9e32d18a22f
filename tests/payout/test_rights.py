"""What a role that speaks SQL, and not our commands, still cannot do to holds and accounts (DOMAIN §5)."""

from datetime import date

import pytest

from services.payout.payouts.domain import PayoutState
from shared.contracts.evaluation import CertificateSuspendedV1
from tests.payout.attacks import NO_RIGHT, ROLES, move, refused
from tests.payout.scenario import SCHOOL, Case, Scenario
from tests.payout.steps import advance


@pytest.mark.parametrize("role", ROLES)
async def test_no_step_is_taken_under_a_hold(scenario: Scenario, role: str) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open(case))
    await scenario.receive(
        scenario.next_event(CertificateSuspendedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="check")
    )
    assert await move(scenario, role, payout.id, "reviewed") == "hl_payouts"


async def test_the_apis_role_lifts_no_hold_of_another_source(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    await scenario.receive(
        scenario.next_event(CertificateSuspendedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="check")
    )
    lift = (
        "WITH lifted AS (UPDATE payout_holds SET lifted_at = placed_at WHERE payout_id = :id RETURNING payout_id)"
        " UPDATE payouts SET open_holds = 0, version = version + 1 FROM lifted WHERE id = payout_id"
    )
    assert await refused(scenario, "api", lift, id=payout.id) == NO_RIGHT


@pytest.mark.parametrize("role", ["api", "owner"])
async def test_an_account_is_not_paid_to_before_its_cool_off_whoever_says_so(scenario: Scenario, role: str) -> None:
    """Neither confirmed with a cool-off of its own, nor shortened later, nor pinned before it is over."""
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open())
    new = await scenario.account(SCHOOL, number="6222020000000002")
    assert (
        await refused(scenario, role, "UPDATE accounts SET usable_from = now() WHERE id = :id", id=new) == "co_accounts"
    )
    pin = "INSERT INTO instructions SELECT id, id, 1, :account, payee_kind, payee_id, amount_fen, now() FROM payouts"
    assert await refused(scenario, role, pin, account=new) == "us_instructions"
    retired = "UPDATE accounts SET status = 'retired', version = version + 1 WHERE id <> :id"
    await scenario.force("accounts", retired, id=new)
    ((old,),) = await scenario.sql("owner", "SELECT id FROM accounts WHERE status = 'retired'")
    assert await refused(scenario, role, pin, account=old) == "us_instructions"
    await scenario.force("accounts", "UPDATE accounts SET status = 'endorsed' WHERE id = :id", id=new)
    at_once = (
        "UPDATE accounts SET status = 'confirmed', version = version + 1, usable_from = (SELECT clock_timestamp()"
        ' + "offset" FROM business_clock) WHERE id = :id'
    )
    assert await refused(scenario, role, at_once, id=new) == "co_accounts"
    assert payout.attempt == 0
