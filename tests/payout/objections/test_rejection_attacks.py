"""Attempts at a reopening that nobody decided, by the service's roles and by the owner (R2, D27)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.security import Role
from tests.api_client import ApiClient
from tests.payout.attacks import ROLES, copy_refused, refused
from tests.payout.objections.rejected import LAST_DAY, UPHOLD, lodge, own_case, reject, rejected, rule
from tests.payout.scenario import Scenario, officer, school
from tests.registered import registered_person

LODGE = """
INSERT INTO objections (id, status, version, created_at, about, payout_id, area, objector_id, filed_by, channel,
    statement, due_on)
SELECT gen_random_uuid(), 'lodged', 1, now(), 'rejection', id, area, :objector, :objector, 'app', '\\x00', :due_on
FROM payouts WHERE id = :id
"""
UPHELD = (
    "UPDATE objections SET status = 'upheld', version = version + 1, outcome = 'upheld', reason_code = 'x',"
    " decided_by = :who"
)


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_objects_late_or_for_a_stranger_nor_decides_as_one_of_the_two(
    scenario: Scenario, client: ApiClient, role: str
) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    said = {"id": payout.id, "due_on": LAST_DAY, "objector": case.person_id}
    for wrong in (
        {"objector": registered_person()},
        {"due_on": LAST_DAY + timedelta(days=1)},
        {"id": (await scenario.open(own_case())).id},
    ):
        assert await refused(scenario, role, LODGE, **said | wrong) in ("42501", "on_objections")
    await lodge(client, school(), payout)
    for hand in (scenario.reviewer.person, scenario.second.person, case.person_id):
        assert await refused(scenario, role, UPHELD, who=hand) in ("42501", "tw_objections")
    assert await refused(scenario, role, UPHELD, who=scenario.approver.person) in (
        "42501",
        "ev_objections",
        "ro_objections",
    )
    for statement in (
        "UPDATE objections SET about = 'notice'",
        "UPDATE objections SET organisation = NULL",
        "UPDATE payouts SET reopens = id",
    ):
        assert await refused(scenario, role, statement) in ("42501", "im_objections", "im_payouts")
    await scenario.database.set_business_time(datetime(2033, 3, 21, 16, tzinfo=UTC))
    other = await scenario.open(own_case())
    await reject(scenario, other)
    said |= {"id": other.id, "objector": other.person_id, "due_on": date(2033, 4, 6)}
    await scenario.database.set_business_time(datetime(2033, 4, 6, 16, tzinfo=UTC))
    assert await refused(scenario, role, LODGE, **said) in ("42501", "on_objections")


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_reopens_without_an_upheld_objection_or_twice(
    scenario: Scenario, client: ApiClient, role: str
) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    anew: dict[str, Any] = {"status": "opened", "code": None, "final": False, "fund_id": None}
    assert await copy_refused(scenario, role, payout, **anew) == "fi_payouts"
    assert await copy_refused(scenario, role, payout, **anew, reopens=payout.id) == "fi_payouts"
    lodged = await lodge(client, school(), payout)
    assert await copy_refused(scenario, role, payout, **anew, reopens=payout.id) == "fi_payouts"
    await rule(client, scenario.approver, lodged, UPHOLD)
    reopened = (await scenario.payouts_of(case))[-1]
    await reject(scenario, reopened, by=(officer(Role.OFFICER), officer(Role.OFFICER)))
    for reopens in (payout.id, reopened.id, None):
        assert await copy_refused(scenario, role, payout, **anew, reopens=reopens) == "fi_payouts"
