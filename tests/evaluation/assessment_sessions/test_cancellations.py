"""An assessment that is not held frees its candidates (R17); another certificate follows a revoked one (R3, R8)."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.persistence.refusals import constraint_of
from tests.api_client import codes, done, refused
from tests.evaluation.scenario import AssessingBody, Scenario

SESSIONS = "/v1/assessment-sessions"
WHY = {"reason_code": "site_flooded"}


async def test_a_body_cancels_and_its_candidates_sit_elsewhere(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    (trainee,) = await scenario.trainees(1)
    session = await scenario.session(body)
    (candidate,) = await scenario.admitted(body, session, [trainee])
    elsewhere = await scenario.session(other)
    row = [{"enrolment_id": str(trainee.id)}]
    assert codes(await scenario.admit(other, elsewhere, row)) == ["candidate_already_admitted"]
    path = f"{SESSIONS}/{session}/cancellations"
    assert refused(await scenario.post(other.account, path, WHY)) == (404, "assessment_session_not_found")
    cancelled = done(await scenario.post(body.account, path, WHY))
    assert (cancelled["status"], cancelled["reason_code"]) == ("cancelled", "site_flooded")
    assert refused(await scenario.post(body.account, path, WHY)) == (409, "wrong_state")
    assert done(await scenario.get(body.account, f"/v1/candidates/{candidate}"))["status"] == "cancelled"
    assert (await scenario.admit(other, elsewhere, row))["results"][0]["result"]["attempt"] == 1
    emitted = [event["name"] for event in await scenario.outbox()]
    assert {"assessment_session.cancelled", "candidate.cancelled"} <= set(emitted)


async def test_an_officer_cancels_what_is_not_open(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scenario.session(body)
    await scenario.admitted(body, session, await scenario.trainees(1))
    await scenario.open(body, session)
    refusal = await scenario.post(scenario.officer, f"{SESSIONS}/{session}/cancellations", WHY)
    assert refused(refusal) == (409, "wrong_state")
    planned = await scenario.session(body)
    assert (
        done(await scenario.post(scenario.officer, f"{SESSIONS}/{planned}/cancellations", WHY))["status"] == "cancelled"
    )


async def test_a_session_whose_day_passed_unopened_is_cancelled_three_days_later(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scenario.session(body)
    (candidate,) = await scenario.admitted(body, session, await scenario.trainees(1))
    await scenario.pass_days(4)
    assert (await scenario.run_timers())["evaluation.cancel_unopened_sessions"] == 0, "it may still be opened"
    await scenario.pass_days(1)
    assert (await scenario.run_timers())["evaluation.cancel_unopened_sessions"] == 1
    assert done(await scenario.get(body.account, f"{SESSIONS}/{session}"))["reason_code"] == "not_opened"
    assert done(await scenario.get(body.account, f"/v1/candidates/{candidate}"))["status"] == "cancelled"


async def test_opened_or_cancelled_never_both(scenario: Scenario) -> None:
    body = await scenario.body()
    for _ in range(3):
        session = await scenario.session(body)
        await scenario.admitted(body, session, await scenario.trainees(1))
        await scenario.pass_days(1)
        answers = await asyncio.gather(
            scenario.post(body.account, f"{SESSIONS}/{session}/openings"),
            scenario.post(scenario.officer, f"{SESSIONS}/{session}/cancellations", WHY),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE assessment_sessions SET status = 'cancelled', version = version + 1, reason_code = 'x'",
        "UPDATE candidates SET status = 'cancelled', version = version + 1, reason_code = 'x'",
    ],
)
async def test_the_database_cancels_both_or_none(scenario: Scenario, statement: str) -> None:
    body = await scenario.body()
    await scenario.admitted(body, await scenario.session(body), await scenario.trainees(1))
    with pytest.raises(DBAPIError) as caught:
        async with scenario.database.owner.engine.begin() as connection:
            await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            await connection.execute(text(statement))
    assert constraint_of(caught.value) == "ck_assessment_sessions_freed"


async def test_after_a_revocation_another_body_certifies_the_same_training(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    (trainee,) = await scenario.trainees(1)
    passing = {"theory": 80, "practice": 80, "review": 80}

    async def sit(at: AssessingBody) -> list[str]:
        session = await scenario.session(at)
        answer = await scenario.admit(at, session, [{"enrolment_id": str(trainee.id)}])
        if answer["refused"]:
            return [str(code) for code in codes(answer)]
        candidate = answer["results"][0]["result"]["id"]
        await scenario.open(at, session)
        await scenario.scored(at, session, {candidate: passing})
        confirmed = done(await scenario.confirm(at.supervisor, session))
        return [certificate["id"] for certificate in confirmed["certificates"]]

    (first,) = await sit(body)
    assert await sit(other) == ["candidate_already_certified"]
    path = f"/v1/certificates/{first}"
    done(await scenario.post(scenario.officer, f"{path}/revocations", {"reason_code": "bought"}))
    done(await scenario.post(scenario.second_officer, f"{path}/revocation-approvals"))
    (second,) = await sit(other)
    issued = [event for event in await scenario.outbox() if event["name"] == "certificate.issued"]
    assert [(event["id"], event["voucher_id"]) for event in issued] == [
        (first, str(trainee.voucher_id)),
        (second, str(trainee.voucher_id)),
    ]
