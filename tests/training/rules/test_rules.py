"""Rules change with their dates."""

from datetime import timedelta

from tests.api_client import done
from tests.training.scenario import Scenario


async def test_rules_have_one_value_a_day_and_no_role_sets_them(scenario: Scenario) -> None:
    again = "INSERT INTO dated_rules VALUES ('filing_lead_days', '2026-01-01', NULL, 0, 'attacker')"
    assert await scenario.attack(again) == "ex_dated_rules_days"
    for role in ("api", "worker"):
        assert await scenario.attack(again, role=role) == "InsufficientPrivilegeError"


async def test_a_rule_changes_with_its_date(scenario: Scenario) -> None:
    today = await scenario.today()
    for statement in (
        "UPDATE dated_rules SET valid_to = $1 WHERE name = 'filing_lead_days'",
        "INSERT INTO dated_rules VALUES ('filing_lead_days', $1::date + 1, NULL, 3, 'notice')",
    ):
        assert await scenario.attack(statement, today) == "nothing"
    account, trainer = await scenario.institution(), await scenario.person()
    draft = await scenario.draft(account, trainer, lead=4)
    class_id = done(await scenario.post(account, "/v1/classes", draft), 201)["id"]
    answer = await scenario.post(account, f"/v1/classes/{class_id}/filings")
    assert answer.json()["code"] == "class_filed_too_late"
    await scenario.database.set_business_time(await scenario.now() + timedelta(days=1))
    done(await scenario.post(account, f"/v1/classes/{class_id}/filings"))
