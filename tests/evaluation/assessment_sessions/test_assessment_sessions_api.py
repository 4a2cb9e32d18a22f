"""Scheduling and opening: the panel, the day, the scope, and who sees a session."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api_client import Account, done, refused
from tests.evaluation.scenario import AREA, COMPETENCE, PERMIT, SKILL, Scenario

SESSIONS = "/v1/assessment-sessions"


async def test_a_panel_is_three_registered_people(scenario: Scenario) -> None:
    body = await scenario.body()
    first, second = (str(assessor.person) for assessor in body.assessors)
    supervisor = str(body.supervisor.person)
    for change, expected in (
        ({"assessor_ids": [first, first]}, (422, "panel_not_distinct")),
        ({"supervisor_id": first}, (422, "panel_not_distinct")),
        ({"supervisor_id": str(uuid4())}, (409, "not_received_yet")),
        ({"assessor_ids": [first, supervisor], "supervisor_id": second}, (409, "assessor_not_qualified")),
        ({"assessor_ids": [first]}, (422, "validation_failed")),
        ({"assessor_ids": [first, second, supervisor]}, (422, "validation_failed")),
        ({"skill_code": "4-03-02-01", "level": 3}, (409, "body_outside_scope")),
        (PERMIT, (409, "body_outside_scope")),
        ({"act": "review"}, (422, "review_of_permits_only")),
        ({"held_on": str(await scenario.today() - timedelta(days=1))}, (422, "assessment_in_the_past")),
        ({"site_code": "12345"}, (422, "validation_failed")),
    ):
        plan = await scenario.plan(body, **change)
        assert refused(await scenario.post(body.account, SESSIONS, plan)) == expected, change


async def test_an_assessor_is_registered_for_the_skill_and_level(scenario: Scenario) -> None:
    body = await scenario.body()
    person = str(await scenario.person())
    named = {"person_id": person, "skills": [COMPETENCE]}
    done(await scenario.post(body.account, "/v1/assessors", named), 201)
    panel = [str(body.assessors[0].person), person]
    await scenario.session(body, assessor_ids=panel, **COMPETENCE)
    refusal = await scenario.post(body.account, SESSIONS, await scenario.plan(body, assessor_ids=panel))
    assert refused(refusal) == (409, "assessor_not_qualified")


@pytest.mark.parametrize("kind", ["employer", "school"])
async def test_employers_and_schools_are_supervised_from_outside(scenario: Scenario, kind: str) -> None:
    body = await scenario.body(kind)
    named = {"person_id": str(body.supervisor.person), "skills": [COMPETENCE]}
    done(await scenario.post(body.account, "/v1/assessors", named), 201)
    refusal = await scenario.post(body.account, SESSIONS, await scenario.plan(body))
    assert refused(refusal) == (409, "supervisor_from_the_body")


async def test_a_panel_is_three_natural_persons(scenario: Scenario) -> None:
    """Neither both assessors, nor an assessor and the supervisor, are one person under two records."""
    body = await scenario.body()
    alias, again = await scenario.person(), await scenario.person()
    for double in (alias, again):
        done(
            await scenario.post(body.account, "/v1/assessors", {"person_id": str(double), "skills": [SKILL]}),
            201,
        )
    await scenario.supersede(again, alias)
    await scenario.supersede(alias, body.assessors[0].person)
    first = str(body.assessors[0].person)
    for panel in ({"assessor_ids": [first, str(alias)]}, {"assessor_ids": [str(again), first]},
                  {"supervisor_id": str(again)}):  # fmt: skip
        refusal = await scenario.post(body.account, SESSIONS, await scenario.plan(body, **panel))
        assert refused(refusal) == (422, "panel_not_distinct")


async def test_an_employers_supervisor_is_none_of_its_assessors_under_another_record(scenario: Scenario) -> None:
    body, alias = await scenario.body("employer"), await scenario.person()
    named = {"person_id": str(alias), "skills": [COMPETENCE]}
    done(await scenario.post(body.account, "/v1/assessors", named), 201)
    await scenario.supersede(alias, body.supervisor.person)
    refusal = await scenario.post(body.account, SESSIONS, await scenario.plan(body))
    assert refused(refusal) == (409, "supervisor_from_the_body")


async def test_a_body_that_is_not_listed_schedules_nothing(scenario: Scenario) -> None:
    body = await scenario.body()
    stranger = Account("body", institution="91410402000001230R")
    assert refused(await scenario.post(stranger, SESSIONS, await scenario.plan(body))) == (404, "body_not_found")


async def test_a_session_opens_on_its_day_with_candidates(scenario: Scenario) -> None:
    body = await scenario.body()
    (trainee,) = await scenario.trainees(1)
    session = await scenario.session(body)
    path = f"{SESSIONS}/{session}/openings"
    await scenario.admitted(body, session, [trainee])
    assert refused(await scenario.post(body.account, path)) == (409, "assessment_not_today")
    await scenario.pass_days(5)
    assert refused(await scenario.post(body.account, path)) == (409, "assessment_not_today")
    empty = await scenario.session(body, held_on=str(await scenario.today()))
    refusal = await scenario.post(body.account, f"{SESSIONS}/{empty}/openings")
    assert refused(refusal) == (409, "assessment_without_candidates")
    assert done(await scenario.get(body.account, f"{SESSIONS}/{empty}"))["status"] == "scheduled"


async def test_a_session_opens_within_the_grace_and_keeps_its_day(scenario: Scenario) -> None:
    body = await scenario.body()
    (trainee,) = await scenario.trainees(1)
    session = await scenario.session(body)
    await scenario.admitted(body, session, [trainee])
    held_on = await scenario.today() + timedelta(days=1)
    await scenario.pass_days(4)
    opened = done(await scenario.post(body.account, f"{SESSIONS}/{session}/openings"))
    assert (opened["status"], opened["held_on"]) == ("open", str(held_on))
    assert refused(await scenario.post(body.account, f"{SESSIONS}/{session}/openings")) == (409, "wrong_state")


async def test_a_suspended_body_opens_nothing(scenario: Scenario) -> None:
    body = await scenario.body()
    (trainee,) = await scenario.trainees(1)
    session = await scenario.session(body)
    await scenario.admitted(body, session, [trainee])
    reason = {"reason_code": "complaints"}
    done(await scenario.post(scenario.officer, f"/v1/bodies/{body.code}/suspensions", reason))
    await scenario.pass_days(1)
    refusal = await scenario.post(body.account, f"{SESSIONS}/{session}/openings")
    assert refused(refusal) == (409, "body_not_listed")


async def test_own_sessions_are_seen_and_foreign_ones_are_not(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    session = await scenario.session(body)
    path = f"{SESSIONS}/{session}"
    outside_assessor = body.assessors[0].but(institution=other.code)
    for may in (
        body.account,
        scenario.officer,
        body.supervisor,
        outside_assessor,
        Account("auditor", areas=(AREA,)),
        Account("officer", areas=(AREA,)),
        body.supervisor.but(areas=("410421",)),
    ):
        assert done(await scenario.get(may, path))["id"] == session
        assert [row["id"] for row in done(await scenario.get(may, SESSIONS))["data"]] == [session]
    for foreign in (other.account, scenario.foreign_officer):
        assert refused(await scenario.get(foreign, path)) == (404, "assessment_session_not_found")
        assert done(await scenario.get(foreign, SESSIONS))["data"] == []
    assert refused(await scenario.get(Account("worker"), path)) == (403, "role_not_allowed")
    opened = done(await scenario.get(body.account, SESSIONS, status="open"))
    assert opened["data"] == []


async def test_an_unknown_skill_is_none(scenario: Scenario) -> None:
    body = await scenario.body()
    for change, code in (({"skill_code": "9-99-99-99"}, "skill_unknown"), ({"level": 0}, "skill_level_invalid")):
        plan = await scenario.plan(body, **{**SKILL, **change})
        assert refused(await scenario.post(body.account, SESSIONS, plan)) == (422, code)
