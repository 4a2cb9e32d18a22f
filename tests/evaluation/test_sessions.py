"""Scheduling and opening: the panel, the day, the scope, and who sees a session."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.evaluation.door import Actor
from tests.evaluation.town import AREA, COMPETENCE, PERMIT, SKILL, Town, done, refused

SESSIONS = "/v1/assessment-sessions"


async def test_a_panel_is_three_registered_people(town: Town) -> None:
    body = await town.body()
    first, second = (str(one.person) for one in body.assessors)
    supervisor = str(body.supervisor.person)
    for change, expected in (
        ({"assessor_ids": [first, first]}, (422, "panel_not_distinct")),
        ({"supervisor_id": first}, (422, "panel_not_distinct")),
        ({"supervisor_id": str(uuid4())}, (409, "supervisor_unknown")),
        ({"assessor_ids": [first, supervisor], "supervisor_id": second}, (409, "assessor_not_qualified")),
        ({"assessor_ids": [first]}, (422, "validation_failed")),
        ({"assessor_ids": [first, second, supervisor]}, (422, "validation_failed")),
        ({"skill_code": "4-03-02-01", "level": 3}, (409, "body_outside_scope")),
        (PERMIT, (409, "body_outside_scope")),
        ({"act": "review"}, (422, "review_of_permits_only")),
        ({"held_on": str(await town.today() - timedelta(days=1))}, (422, "assessment_in_the_past")),
        ({"site_code": "12345"}, (422, "validation_failed")),
    ):
        plan = await town.plan(body, **change)
        assert refused(await town.door.post(body.account, SESSIONS, plan)) == expected, change


async def test_an_assessor_is_registered_for_the_skill_and_level(town: Town) -> None:
    body = await town.body()
    person = str(await town.person())
    named = {"person_id": person, "skills": [COMPETENCE]}
    done(await town.door.post(body.account, "/v1/assessors", named), 201)
    panel = [str(body.assessors[0].person), person]
    await town.session(body, assessor_ids=panel, **COMPETENCE)
    refusal = await town.door.post(body.account, SESSIONS, await town.plan(body, assessor_ids=panel))
    assert refused(refusal) == (409, "assessor_not_qualified")


@pytest.mark.parametrize("kind", ["employer", "school"])
async def test_employers_and_schools_are_supervised_from_outside(town: Town, kind: str) -> None:
    body = await town.body(kind)
    named = {"person_id": str(body.supervisor.person), "skills": [COMPETENCE]}
    done(await town.door.post(body.account, "/v1/assessors", named), 201)
    refusal = await town.door.post(body.account, SESSIONS, await town.plan(body))
    assert refused(refusal) == (409, "supervisor_from_the_body")


async def test_a_body_that_is_not_listed_schedules_nothing(town: Town) -> None:
    body = await town.body()
    stranger = Actor("body", uuid4(), institution="91410402000001230R")
    assert refused(await town.door.post(stranger, SESSIONS, await town.plan(body))) == (404, "body_not_found")


async def test_a_session_opens_on_its_day_with_candidates(town: Town) -> None:
    body = await town.body()
    (trainee,) = await town.trainees(1)
    session = await town.session(body)
    path = f"{SESSIONS}/{session}/openings"
    assert refused(await town.door.post(body.account, path)) == (409, "assessment_without_candidates")
    await town.admitted(body, session, [trainee])
    assert refused(await town.door.post(body.account, path)) == (409, "assessment_not_today")
    await town.pass_days(5)
    assert refused(await town.door.post(body.account, path)) == (409, "assessment_not_today")


async def test_a_session_opens_within_the_grace_and_keeps_its_day(town: Town) -> None:
    body = await town.body()
    (trainee,) = await town.trainees(1)
    session = await town.session(body)
    await town.admitted(body, session, [trainee])
    held_on = await town.today() + timedelta(days=1)
    await town.pass_days(4)
    opened = done(await town.door.post(body.account, f"{SESSIONS}/{session}/openings"))
    assert (opened["status"], opened["held_on"]) == ("open", str(held_on))
    assert refused(await town.door.post(body.account, f"{SESSIONS}/{session}/openings")) == (409, "wrong_state")


async def test_a_suspended_body_opens_nothing(town: Town) -> None:
    body = await town.body()
    (trainee,) = await town.trainees(1)
    session = await town.session(body)
    await town.admitted(body, session, [trainee])
    reason = {"reason_code": "complaints"}
    done(await town.door.post(town.officer, f"/v1/bodies/{body.code}/suspensions", reason))
    await town.pass_days(1)
    refusal = await town.door.post(body.account, f"{SESSIONS}/{session}/openings")
    assert refused(refusal) == (409, "body_not_listed")


async def test_own_sessions_are_seen_and_foreign_ones_are_not(town: Town) -> None:
    body, other = await town.body(), await town.body()
    session = await town.session(body)
    path = f"{SESSIONS}/{session}"
    outside_assessor = body.assessors[0].as_(institution=other.code)
    for may in (body.account, town.officer, body.supervisor, outside_assessor, Actor("auditor", uuid4(), areas=(AREA,)),
                Actor("officer", uuid4(), areas=(AREA,)),
                body.supervisor.as_(areas=("410421",))):  # fmt: skip
        assert done(await town.door.get(may, path))["id"] == session
        assert [one["id"] for one in done(await town.door.get(may, SESSIONS))["data"]] == [session]
    for foreign in (other.account, town.foreign_officer):
        assert refused(await town.door.get(foreign, path)) == (404, "assessment_session_not_found")
        assert done(await town.door.get(foreign, SESSIONS))["data"] == []
    assert refused(await town.door.get(Actor("worker", uuid4()), path)) == (403, "role_not_allowed")
    opened = done(await town.door.get(body.account, SESSIONS, status="open"))
    assert opened["data"] == []


async def test_foreign_bodies_change_nothing(town: Town) -> None:
    body, other = await town.body(), await town.body()
    (trainee,) = await town.trainees(1)
    session = await town.session(body)
    (candidate,) = await town.admitted(body, session, [trainee])
    rows = {
        "candidates": [{"enrolment_id": str(trainee.id)}],
        "absences": [{"candidate_id": candidate}],
        "scores": [{"candidate_id": candidate, "theory": 60, "practice": 60}],
    }
    for act in ("candidates", "openings", "absences", "scores", "confirmations"):
        given = {"rows": rows[act]} if act in rows else None
        refusal = await town.door.post(other.account, f"{SESSIONS}/{session}/{act}", given)
        assert refused(refusal) == (404, "assessment_session_not_found"), act
    voiding = {"rows": [{"candidate_id": candidate, "reason_code": "cheated"}]}
    refusal = await town.door.post(town.foreign_officer, f"{SESSIONS}/{session}/voidings", voiding)
    assert refused(refusal) == (404, "assessment_session_not_found")
    outside_assessor = body.assessors[0].as_(institution=other.code)
    refusal = await town.door.post(outside_assessor, f"{SESSIONS}/{session}/openings")
    assert refused(refusal) == (404, "assessment_session_not_found")


async def test_an_unknown_skill_is_none(town: Town) -> None:
    body = await town.body()
    for change, code in (({"skill_code": "9-99-99-99"}, "skill_unknown"), ({"level": 0}, "skill_level_invalid")):
        plan = await town.plan(body, **{**SKILL, **change})
        assert refused(await town.door.post(body.account, SESSIONS, plan)) == (422, code)
