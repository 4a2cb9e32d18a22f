"""The panel of a scheduled session is replaced by its body (R17), as independent of who was admitted as the first."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.persistence.refusals import constraint_of
from tests.api_client import Account, codes, done, refused
from tests.evaluation.scenario import COMPETENCE, SKILL, AssessingBody, Scenario

SESSIONS = "/v1/assessment-sessions"
PASS = {"theory": 80, "practice": 80}


async def an_assessor(scenario: Scenario, body: AssessingBody) -> Account:
    """Somebody new whom the body names as assessor of the skill."""
    person = await scenario.person()
    done(await scenario.post(body.account, "/v1/assessors", {"person_id": str(person), "skills": [SKILL]}), 201)
    return Account("body", person, institution=body.code)


def panel(body: AssessingBody, *others: Account, **other: Any) -> dict[str, Any]:
    """What the body says: `others` in the place of its last assessors."""
    assessors = (*body.assessors[: 2 - len(others)], *others)
    said = {
        "assessor_ids": [str(assessor.person) for assessor in assessors],
        "supervisor_id": str(body.supervisor.person),
        "reason_code": "fell_ill",
    }
    return {**said, **other}


async def test_others_assess_and_the_first_do_no_more(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scenario.session(body)
    (candidate,) = await scenario.admitted(body, session, await scenario.trainees(1))
    stand_in = await an_assessor(scenario, body)
    replaced = done(await scenario.post(body.account, f"{SESSIONS}/{session}/panels", panel(body, stand_in)))
    assert replaced["assessor_ids"] == [str(body.assessors[0].person), str(stand_in.person)]
    assert (replaced["status"], replaced["version"]) == ("scheduled", 2)
    event = (await scenario.outbox())[-1]
    assert (event["name"], event["assessor_2_id"]) == ("assessment_session.panel_replaced", str(stand_in.person))
    assert event["reason_code"] == "fell_ill"
    await scenario.open(body, session)
    rows = {"rows": [{"candidate_id": candidate, **PASS}]}
    first = await scenario.post(body.assessors[1], f"{SESSIONS}/{session}/scores", rows)
    assert refused(first) == (403, "not_an_assessor_of_session")
    for assessor in (body.assessors[0], stand_in):
        await scenario.sign(assessor, session, {candidate: PASS})
    assert len(done(await scenario.confirm(body.supervisor, session))["certificates"]) == 1


async def test_another_panel_is_judged_as_the_first_was(scenario: Scenario) -> None:
    body = await scenario.body("employer")
    session = await scenario.session(body)
    path = f"{SESSIONS}/{session}/panels"
    first, unqualified = str(body.assessors[0].person), str(await scenario.person())
    named = {"person_id": unqualified, "skills": [COMPETENCE]}
    done(await scenario.post(body.account, "/v1/assessors", named), 201)
    for change, expected in (
        ({"assessor_ids": [first, first]}, (422, "panel_not_distinct")),
        ({"supervisor_id": first}, (422, "panel_not_distinct")),
        ({"supervisor_id": session}, (409, "not_received_yet")),
        ({"assessor_ids": [first, unqualified]}, (409, "assessor_not_qualified")),
        ({"supervisor_id": unqualified}, (409, "supervisor_from_the_body")),
        ({"reason_code": None}, (422, "validation_failed")),
    ):
        assert refused(await scenario.post(body.account, path, panel(body, **change))) == expected, change
    assert done(await scenario.get(body.account, f"{SESSIONS}/{session}"))["version"] == 1


async def test_no_candidate_was_taught_by_another_assessor(scenario: Scenario) -> None:
    """Under whichever record either of them is known, and whatever the candidate learnt since the admission."""
    body = await scenario.body("employer")
    trainer, alias = await an_assessor(scenario, body), await scenario.person()
    await scenario.supersede(alias, trainer.person)
    for taught_at_once in (True, False):
        session = await scenario.session(body)
        (trainee,) = await scenario.trainees(1, employer=body.code, trainer_ids=(alias,) if taught_at_once else ())
        await scenario.admitted(body, session, [trainee])
        if not taught_at_once:
            await scenario.enrolment(trainee.person_id, trainer_ids=(trainer.person,))
        refusal = await scenario.post(body.account, f"{SESSIONS}/{session}/panels", panel(body, trainer))
        assert refused(refusal) == (409, "taught_by_an_assessor")


@pytest.mark.parametrize("seat", ["assessor_ids", "supervisor_id"])
async def test_no_candidate_sits_on_another_panel(scenario: Scenario, seat: str) -> None:
    body, colleague = await scenario.body(), await scenario.body()
    assessor, alias = await an_assessor(scenario, colleague), await scenario.person()
    session = await scenario.session(body)
    await scenario.admitted(body, session, [await scenario.enrolment(alias)])
    await scenario.supersede(alias, assessor.person)
    seats = [str(body.assessors[0].person), str(assessor.person)] if seat == "assessor_ids" else str(assessor.person)
    refusal = await scenario.post(body.account, f"{SESSIONS}/{session}/panels", panel(body, **{seat: seats}))
    assert refused(refusal) == (409, "candidate_on_panel")


async def test_a_later_admission_is_judged_by_the_new_panel(scenario: Scenario) -> None:
    body = await scenario.body("employer")
    trainer, session = body.assessors[1], await scenario.session(body)
    (trainee,) = await scenario.trainees(1, employer=body.code, trainer_ids=(trainer.person,))
    row = [{"enrolment_id": str(trainee.id)}]
    assert codes(await scenario.admit(body, session, row)) == ["taught_by_an_assessor"]
    other = panel(body, await an_assessor(scenario, body))
    done(await scenario.post(body.account, f"{SESSIONS}/{session}/panels", other))
    assert (await scenario.admit(body, session, row))["refused"] == 0


async def test_nobody_else_replaces_a_panel_and_nobody_once_it_opened(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    session = await scenario.session(body)
    await scenario.admitted(body, session, await scenario.trainees(1))
    path, said = f"{SESSIONS}/{session}/panels", panel(body, await an_assessor(scenario, body))
    assert refused(await scenario.post(other.account, path, said)) == (404, "assessment_session_not_found")
    outside = body.assessors[0].but(institution=other.code)
    assert refused(await scenario.post(outside, path, said)) == (404, "assessment_session_not_found")
    assert refused(await scenario.post(scenario.officer, path, said)) == (403, "role_not_allowed")
    await scenario.open(body, session)
    assert refused(await scenario.post(body.account, path, said)) == (409, "wrong_state")


async def test_an_admission_and_another_panel_at_once_never_both_pass(scenario: Scenario) -> None:
    body = await scenario.body("employer")
    trainer = await an_assessor(scenario, body)
    for _ in range(3):
        session = await scenario.session(body)
        (trainee,) = await scenario.trainees(1, employer=body.code, trainer_ids=(trainer.person,))
        replaced, admitted = await asyncio.gather(
            scenario.post(body.account, f"{SESSIONS}/{session}/panels", panel(body, trainer)),
            scenario.admit(body, session, [{"enrolment_id": str(trainee.id)}]),
        )
        assert (replaced.status_code == 200) == (codes(admitted) == ["taught_by_an_assessor"])
        assert (replaced.status_code == 409) == (admitted["refused"] == 0)


@pytest.mark.parametrize("role", ["owner", "api"])
async def test_the_database_holds_another_panel_to_the_same(scenario: Scenario, role: str) -> None:
    body = await scenario.body("employer")
    trainer, session = await an_assessor(scenario, body), await scenario.session(body)
    (trainee,) = await scenario.trainees(1, employer=body.code, trainer_ids=(trainer.person,))
    await scenario.admitted(body, session, [trainee])
    engine = getattr(scenario.database, role).engine

    async def refusal(change: str) -> str | None:
        with pytest.raises(DBAPIError) as caught:
            async with engine.begin() as connection:
                await connection.execute(text(f"UPDATE assessment_sessions SET {change}"))
        return constraint_of(caught.value)

    step, taught = "version = version + 1", f"assessor_2_id = '{trainer.person}'"
    assert await refusal(f"{step}, {taught}") == "ck_candidates_taught_by_an_assessor"
    assert await refusal(f"{step}, supervisor_id = '{trainee.person_id}'") == "ck_candidates_on_panel"
    assert await refusal(f"supervisor_id = '{trainer.person}'") == "im_assessment_sessions"
    opening = f"status = 'open', {step}, supervisor_id = '{trainer.person}'"
    assert await refusal(opening) == "im_assessment_sessions"
    await scenario.open(body, session)
    assert await refusal(f"{step}, supervisor_id = '{trainer.person}'") == "im_assessment_sessions"
