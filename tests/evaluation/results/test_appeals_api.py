"""Appeals: scored anew by both assessors, decided by the supervisor."""

from tests.api_client import Account, done, refused
from tests.evaluation.scenario import AssessingBody, Scenario

PASS, FAIL = {"theory": 70, "practice": 70}, {"theory": 50, "practice": 70}


async def failed_candidate(scenario: Scenario) -> tuple[AssessingBody, str, str, Account]:
    """Somebody who failed: body, session, candidate, worker."""
    body = await scenario.body()
    (trainee,) = await scenario.trainees(1)
    session = await scenario.session(body)
    (candidate,) = await scenario.admitted(body, session, [trainee])
    await scenario.open(body, session)
    await scenario.scored(body, session, {candidate: FAIL})
    done(await scenario.confirm(body.supervisor, session))
    return body, session, candidate, Account("worker", trainee.person_id)


async def test_an_appeal_is_scored_anew_and_decided_by_the_supervisor(scenario: Scenario) -> None:
    body, session, candidate, worker = await failed_candidate(scenario)
    path = f"/v1/candidates/{candidate}"
    reason = {"reason_code": "scores_added_wrongly"}
    assert refused(await scenario.post(Account("worker"), f"{path}/appeals", reason)) == (
        404,
        "candidate_not_found",
    )
    assert done(await scenario.post(worker, f"{path}/appeals", reason))["status"] == "appealed"
    assert refused(await scenario.post(worker, f"{path}/appeals", reason)) == (409, "wrong_state")
    decision = f"{path}/appeal-decisions"
    assert refused(await scenario.post(body.supervisor, decision)) == (409, "appeal_not_scored")
    await scenario.sign(body.assessors[0], session, {candidate: PASS})
    assert refused(await scenario.post(body.supervisor, decision)) == (409, "appeal_not_scored")
    await scenario.sign(body.assessors[1], session, {candidate: PASS})
    assert refused(await scenario.post(scenario.officer, decision)) == (403, "not_the_supervisor")
    decided = done(await scenario.post(body.supervisor, decision))
    assert decided["passed"] is True
    (certificate,) = done(await scenario.get(worker, "/v1/certificates"))["data"]
    assert [issued["id"] for issued in decided["certificates"]] == [certificate["id"]]
    assert refused(await scenario.post(body.supervisor, decision)) == (409, "wrong_state")


async def test_an_appeal_may_be_turned_down(scenario: Scenario) -> None:
    body, session, candidate, worker = await failed_candidate(scenario)
    done(await scenario.post(worker, f"/v1/candidates/{candidate}/appeals", {"reason_code": "scores_added_wrongly"}))
    await scenario.scored(body, session, {candidate: FAIL})
    decided = done(await scenario.post(body.supervisor, f"/v1/candidates/{candidate}/appeal-decisions"))
    assert (decided["passed"], decided["certificates"]) == (False, [])
    assert done(await scenario.get(worker, f"/v1/candidates/{candidate}"))["status"] == "failed"


async def test_an_appeal_has_its_time(scenario: Scenario) -> None:
    _, _, candidate, worker = await failed_candidate(scenario)
    await scenario.pass_days(16)
    refusal = await scenario.post(worker, f"/v1/candidates/{candidate}/appeals", {"reason_code": "late"})
    assert refused(refusal) == (409, "appeal_too_late")
