"""Absences, annulments and appeals over HTTP, and who sees a candidate."""

from uuid import uuid4

from tests.api_client import Account, codes, done, refused
from tests.evaluation.scenario import Scenario

SESSIONS = "/v1/assessment-sessions"
PASS, FAIL = {"theory": 80, "practice": 80}, {"theory": 59, "practice": 80}


async def test_an_absence_uses_up_no_attempt(scenario: Scenario) -> None:
    body = await scenario.body()
    here, absent = await scenario.trainees(2)
    session = await scenario.session(body)
    candidates = await scenario.admitted(body, session, [here, absent])
    path = f"{SESSIONS}/{session}/absences"
    rows = {"rows": [{"candidate_id": candidates[1]}]}
    assert refused(await scenario.post(body.account, path, rows)) == (409, "assessment_not_open")
    await scenario.open(body, session)
    many = {"rows": [{"candidate_id": candidate} for candidate in (candidates[1], candidates[1], str(uuid4()))]}
    answer = done(await scenario.post(body.account, path, many))
    assert codes(answer) == [None, "wrong_state", "candidate_not_found"]
    assert codes(await scenario.sign(body.assessors[0], session, {candidates[1]: PASS})) == ["candidate_not_scorable"]
    await scenario.scored(body, session, {candidates[0]: PASS})
    assert done(await scenario.confirm(body.supervisor, session))["candidates"] == 1
    again = await scenario.session(body)
    answer = await scenario.admit(body, again, [{"enrolment_id": str(absent.id)}])
    assert answer["results"][0]["result"]["attempt"] == 1


async def test_the_last_absence_closes_the_scoring(scenario: Scenario) -> None:
    body = await scenario.body()
    trainees = await scenario.trainees(2)
    session = await scenario.session(body)
    candidates = await scenario.admitted(body, session, trainees)
    await scenario.open(body, session)
    await scenario.scored(body, session, {candidates[0]: PASS})
    rows = {"rows": [{"candidate_id": candidates[1]}]}
    done(await scenario.post(body.account, f"{SESSIONS}/{session}/absences", rows))
    assert done(await scenario.get(body.account, f"{SESSIONS}/{session}"))["status"] == "scored"


async def test_a_breach_annuls_until_the_confirmation(scenario: Scenario) -> None:
    body = await scenario.body()
    trainees = await scenario.trainees(3)
    session = await scenario.session(body)
    candidates = await scenario.admitted(body, session, trainees)
    await scenario.open(body, session)
    await scenario.scored(body, session, dict.fromkeys(candidates[:2], PASS))
    path = f"{SESSIONS}/{session}/voidings"
    rows = [{"candidate_id": candidate, "reason_code": "impersonated"} for candidate in (candidates[0], candidates[2])]
    assert codes(done(await scenario.post(scenario.officer, path, {"rows": rows}))) == [None, None]
    confirmed = done(await scenario.confirm(body.supervisor, session))
    assert [certificate["candidate_id"] for certificate in confirmed["certificates"]] == [candidates[1]]
    late = {"rows": [{"candidate_id": candidates[1], "reason_code": "impersonated"}]}
    assert codes(done(await scenario.post(scenario.officer, path, late))) == ["wrong_state"]


async def test_candidates_are_seen_by_those_concerned(scenario: Scenario) -> None:
    body, other = await scenario.body(), await scenario.body()
    trainees = await scenario.trainees(2)
    session = await scenario.session(body)
    candidates = await scenario.admitted(body, session, trainees)
    worker = Account("worker", trainees[0].person_id)
    path = f"/v1/candidates/{candidates[0]}"
    for may in (worker, body.account, body.assessors[0], body.supervisor, scenario.officer):
        assert done(await scenario.get(may, path))["id"] == candidates[0]
    for foreign in (Account("worker", trainees[1].person_id), other.account, scenario.foreign_officer):
        assert refused(await scenario.get(foreign, path)) == (404, "candidate_not_found")
    assert [row["id"] for row in done(await scenario.get(worker, "/v1/candidates"))["data"]] == candidates[:1]
    page = done(await scenario.get(body.account, "/v1/candidates", session_id=session, limit=1))
    assert (len(page["data"]), page["has_more"]) == (1, True)
    rest = await scenario.get(body.account, "/v1/candidates", session_id=session, cursor=page["next_cursor"])
    assert [row["id"] for row in done(rest)["data"]] == candidates[1:]
