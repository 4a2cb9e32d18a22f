"""Signing scores over HTTP: two assessors, append-only versions, disagreement."""

import asyncio
from uuid import uuid4

from sqlalchemy import text

from tests.api_client import codes, done, refused
from tests.evaluation.scenario import COMPETENCE, INSTITUTION, SKILL, AssessingBody, Scenario

SESSIONS = "/v1/assessment-sessions"
A, B = {"theory": 70, "practice": 70}, {"theory": 71, "practice": 70}


async def opened(scenario: Scenario, count: int = 1) -> tuple[AssessingBody, str, list[str]]:
    """An open session with candidates."""
    body = await scenario.body()
    session = await scenario.session(body)
    candidates = await scenario.admitted(body, session, await scenario.trainees(count))
    await scenario.open(body, session)
    return body, session, candidates


async def sheets(scenario: Scenario, candidate: str) -> list[tuple[int, str]]:
    """Versions and points of the sheets of a candidate."""
    statement = text(
        "SELECT score_version, points FROM score_sheets WHERE candidate_id = :candidate ORDER BY 1, signed_at"
    )
    async with scenario.database.owner.engine.connect() as connection:
        return [(row[0], row[1]) for row in await connection.execute(statement, {"candidate": candidate})]


async def test_the_second_assessor_must_agree(scenario: Scenario) -> None:
    body, session, (candidate,) = await opened(scenario)
    first, second = body.assessors
    (row,) = (await scenario.sign(first, session, {candidate: A}))["results"]
    assert row["result"] == {"candidate_id": candidate, "status": "sat", "score_version": 1, "agreed": False}
    (row,) = (await scenario.sign(first, session, {candidate: A}))["results"]
    assert (row["result"]["score_version"], row["result"]["agreed"]) == (1, False)
    (row,) = (await scenario.sign(second, session, {candidate: B}))["results"]
    assert row["result"] == {"candidate_id": candidate, "status": "sat", "score_version": 2, "agreed": False}
    assert refused(await scenario.confirm(body.supervisor, session)) == (409, "wrong_state")
    (row,) = (await scenario.sign(first, session, {candidate: B}))["results"]
    assert row["result"] == {"candidate_id": candidate, "status": "scored", "score_version": 2, "agreed": True}
    assert await sheets(scenario, candidate) == [(1, "70/70/-"), (2, "71/70/-"), (2, "71/70/-")]
    read = done(await scenario.get(body.account, f"/v1/candidates/{candidate}"))
    assert (read["theory"], read["practice"], read["review"]) == (71, 70, None)
    refusal = await scenario.post(first, f"{SESSIONS}/{session}/scores", {"rows": [{"candidate_id": candidate, **A}]})
    assert refused(refusal) == (409, "assessment_not_open")


async def test_only_the_two_assessors_sign(scenario: Scenario) -> None:
    body, session, (candidate,) = await opened(scenario)
    rows = {"rows": [{"candidate_id": candidate, **A}]}
    for other in (body.account, body.supervisor.but(role="body", institution=body.code)):
        refusal = await scenario.post(other, f"{SESSIONS}/{session}/scores", rows)
        assert refused(refusal) == (403, "not_an_assessor_of_session")
    assert await sheets(scenario, candidate) == []


async def test_rows_are_answered_one_by_one_and_in_rounds(scenario: Scenario) -> None:
    body, session, (candidate, other) = await opened(scenario, 2)
    _, _, (foreign,) = await opened(scenario)
    path = f"{SESSIONS}/{session}/scores"
    rows = [
        {"candidate_id": candidate, **A}, {"candidate_id": str(uuid4()), **A}, {"candidate_id": candidate, **B},
        {"candidate_id": other, "theory": 70}, {"candidate_id": foreign, **A},
    ]  # fmt: skip
    answer = done(await scenario.post(body.assessors[0], path, {"rows": rows}))
    assert codes(answer) == [None, "candidate_not_found", None, "scores_incomplete", "candidate_not_found"]
    assert [row["result"]["score_version"] for row in answer["results"] if "result" in row] == [1, 2]
    for points in (101, -1, 60.5, "60", True):
        bad = {"rows": [{"candidate_id": candidate, "theory": points, "practice": 60}]}
        assert codes(done(await scenario.post(body.assessors[0], path, bad))) == ["validation_failed"]


async def test_scores_wait_for_the_session_to_open(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scenario.session(body)
    (candidate,) = await scenario.admitted(body, session, await scenario.trainees(1))
    rows = {"rows": [{"candidate_id": candidate, **A}]}
    refusal = await scenario.post(body.assessors[0], f"{SESSIONS}/{session}/scores", rows)
    assert refused(refusal) == (409, "assessment_not_open")


async def test_two_assessors_signing_at_once_come_to_one_agreement(scenario: Scenario) -> None:
    body, session, candidates = await opened(scenario, 20)
    same = dict.fromkeys(candidates, A)
    answers = await asyncio.gather(*[scenario.sign(assessor, session, same) for assessor in body.assessors])
    agreed = [[row["result"]["agreed"] for row in answer["results"]] for answer in answers]
    assert sorted(agreed) == [[False] * 20, [True] * 20]
    assert done(await scenario.get(body.account, f"{SESSIONS}/{session}"))["status"] == "scored"


async def test_a_specific_competence_is_practice_only(scenario: Scenario) -> None:
    body = await scenario.body()
    session = await scenario.session(body, **COMPETENCE)
    trainee = await scenario.enrolment(await scenario.person(), **COMPETENCE, institution=INSTITUTION)
    (candidate,) = await scenario.admitted(body, session, [trainee])
    await scenario.open(body, session)
    await scenario.scored(body, session, {candidate: {"practice": 60}})
    (issued,) = done(await scenario.confirm(body.supervisor, session))["certificates"]
    assert issued["number"].startswith("ZXN")


async def test_the_review_counts_at_levels_2_and_1(scenario: Scenario) -> None:
    lines = [{"skill_code": SKILL["skill_code"], "level": 2, "valid_from": "2022-01-01"}]
    body = await scenario.body(scope=lines)
    session = await scenario.session(body, level=2)
    good, bad = [await scenario.enrolment(await scenario.person(), level=2) for _ in range(2)]
    candidates = await scenario.admitted(body, session, [good, bad])
    await scenario.open(body, session)
    assert codes(await scenario.sign(body.assessors[0], session, {candidates[0]: A})) == ["scores_incomplete"]
    scores = {candidates[0]: {**A, "review": 60}, candidates[1]: {**A, "review": 59}}
    await scenario.scored(body, session, scores)
    confirmed = done(await scenario.confirm(body.supervisor, session))
    assert [row["candidate_id"] for row in confirmed["certificates"]] == candidates[:1]
