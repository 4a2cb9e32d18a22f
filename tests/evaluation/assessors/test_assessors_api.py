"""Assessors: whom bodies name, who sees them, and who is struck off."""

from uuid import uuid4

from tests.api_client import Account, done, refused
from tests.evaluation.scenario import AREA, SKILL, Scenario


async def test_one_person_is_one_assessor_for_all_bodies(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    person = str(body.assessors[0].person)
    named = {"person_id": person, "skills": [SKILL]}
    again = done(await scenario.post(body.account, "/v1/assessors", named), 201)
    assert (again["id"], again["version"]) == (person, 1)
    vouched = done(await scenario.post(other.account, "/v1/assessors", named), 201)
    assert (vouched["version"], vouched["body"]) == (2, body.code)
    assert {skill["body"] for skill in vouched["skills"]} == {body.code, other.code}
    emitted = (await scenario.outbox())[-1]
    assert (emitted["name"], emitted["body"]) == ("assessor.qualified", other.code)


async def test_who_is_named_is_registered_first(scenario: Scenario) -> None:
    body = await scenario.body()
    named = {"person_id": str(uuid4()), "skills": [SKILL]}
    assert refused(await scenario.post(body.account, "/v1/assessors", named)) == (409, "not_received_yet")


async def test_assessors_are_seen_by_their_bodies_and_officers(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    assessor = body.assessors[0]
    path = f"/v1/assessors/{assessor.person}"
    for may in (
        body.account,
        scenario.officer,
        Account("worker", assessor.person),
        Account("auditor", areas=(AREA,)),
        Account("officer", areas=(AREA,)),
    ):
        assert done(await scenario.get(may, path))["person_id"] == str(assessor.person)
    for foreign in (other.account, scenario.foreign_officer, Account("worker")):
        assert refused(await scenario.get(foreign, path)) == (404, "assessor_not_found")
        listed = done(await scenario.get(foreign, "/v1/assessors"))["data"]
        assert str(assessor.person) not in [row["id"] for row in listed]
    assert len(done(await scenario.get(body.account, "/v1/assessors", limit=1))["data"]) == 1


async def test_who_is_struck_off_assesses_no_more(scenario: Scenario) -> None:
    body = await scenario.body()
    path = f"/v1/assessors/{body.assessors[0].person}/strike-offs"
    reason = {"reason_code": "waved_through"}
    assert refused(await scenario.post(scenario.foreign_officer, path, reason)) == (404, "assessor_not_found")
    assert done(await scenario.post(scenario.officer, path, reason))["status"] == "struck_off"
    plan = await scenario.plan(body)
    refusal = await scenario.post(body.account, "/v1/assessment-sessions", plan)
    assert refused(refusal) == (409, "assessor_not_qualified")
    named = {"person_id": str(body.assessors[0].person), "skills": [{**SKILL, "level": 3}]}
    assert refused(await scenario.post(body.account, "/v1/assessors", named)) == (409, "wrong_state")
