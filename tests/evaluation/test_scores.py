"""Signing marks over HTTP: two assessors, append-only versions, disagreement, appeals."""

import asyncio
from uuid import UUID, uuid4

from sqlalchemy import text

from services.evaluation.scores.domain import Marks
from services.evaluation.scores.service import MarksOf, sign_marks
from shared.kernel.errors import DomainError
from tests.evaluation.door import Actor
from tests.evaluation.town import Body, Town, codes, done, refused

SESSIONS = "/v1/assessment-sessions"
A, B, FAIL = {"theory": 70, "practice": 70}, {"theory": 71, "practice": 70}, {"theory": 50, "practice": 70}


async def opened(town: Town, count: int = 1) -> tuple[Body, str, list[str]]:
    """An open session with candidates."""
    body = await town.body()
    session = await town.session(body)
    candidates = await town.admitted(body, session, await town.trainees(count))
    await town.open(body, session)
    return body, session, candidates


async def sheets(town: Town, candidate: str) -> list[tuple[int, str]]:
    """Versions and marks of the sheets of a candidate."""
    statement = text("SELECT score_version, marks FROM score_sheets WHERE candidate_id = :one ORDER BY 1, signed_at")
    async with town.database.owner.engine.connect() as connection:
        return [(row[0], row[1]) for row in await connection.execute(statement, {"one": candidate})]


async def test_the_second_assessor_must_agree(town: Town) -> None:
    body, session, (one,) = await opened(town)
    first, second = body.assessors
    (row,) = (await town.sign(first, session, {one: A}))["results"]
    assert row["result"] == {"candidate_id": one, "status": "sat", "score_version": 1, "agreed": False}
    (row,) = (await town.sign(first, session, {one: A}))["results"]
    assert (row["result"]["score_version"], row["result"]["agreed"]) == (1, False)
    (row,) = (await town.sign(second, session, {one: B}))["results"]
    assert row["result"] == {"candidate_id": one, "status": "sat", "score_version": 2, "agreed": False}
    assert refused(await town.confirm(body.supervisor, session)) == (409, "wrong_state")
    (row,) = (await town.sign(first, session, {one: B}))["results"]
    assert row["result"] == {"candidate_id": one, "status": "scored", "score_version": 2, "agreed": True}
    assert await sheets(town, one) == [(1, "70/70/-"), (2, "71/70/-"), (2, "71/70/-")]
    candidate = done(await town.door.get(body.account, f"/v1/candidates/{one}"))
    assert (candidate["theory"], candidate["practice"], candidate["review"]) == (71, 70, None)
    refusal = await town.door.post(first, f"{SESSIONS}/{session}/scores", {"rows": [{"candidate_id": one, **A}]})
    assert refused(refusal) == (409, "assessment_not_open")


async def test_only_the_two_assessors_sign(town: Town) -> None:
    body, session, (one,) = await opened(town)
    rows = {"rows": [{"candidate_id": one, **A}]}
    for other in (body.account, body.supervisor.as_(role="body", institution=body.code)):
        refusal = await town.door.post(other, f"{SESSIONS}/{session}/scores", rows)
        assert refused(refusal) == (403, "not_an_assessor_of_session")
    assert await sheets(town, one) == []


async def test_rows_are_answered_one_by_one_and_in_rounds(town: Town) -> None:
    body, session, (one, two) = await opened(town, 2)
    _, _, (foreign,) = await opened(town)
    path = f"{SESSIONS}/{session}/scores"
    rows = [
        {"candidate_id": one, **A}, {"candidate_id": str(uuid4()), **A}, {"candidate_id": one, **B},
        {"candidate_id": two, "theory": 70}, {"candidate_id": foreign, **A},
    ]  # fmt: skip
    answer = done(await town.door.post(body.assessors[0], path, {"rows": rows}))
    assert codes(answer) == [None, "candidate_not_found", None, "marks_incomplete", "candidate_not_found"]
    assert [row["result"]["score_version"] for row in answer["results"] if "result" in row] == [1, 2]
    for points in (101, -1, 60.5, "60", True):
        bad = {"rows": [{"candidate_id": one, "theory": points, "practice": 60}]}
        assert codes(done(await town.door.post(body.assessors[0], path, bad))) == ["validation_failed"]


async def test_marks_wait_for_the_session_to_open(town: Town) -> None:
    body = await town.body()
    session = await town.session(body)
    (one,) = await town.admitted(body, session, await town.trainees(1))
    rows = {"rows": [{"candidate_id": one, **A}]}
    refusal = await town.door.post(body.assessors[0], f"{SESSIONS}/{session}/scores", rows)
    assert refused(refusal) == (409, "assessment_not_open")


async def test_two_assessors_signing_at_once_come_to_one_agreement(town: Town) -> None:
    body, session, candidates = await opened(town, 20)
    given = [MarksOf(UUID(one), Marks(70, 70, None)) for one in candidates]

    async def sign(who: Actor) -> int:
        async with town.database.api.unit_of_work() as uow:
            answers = await sign_marks(uow, UUID(session), who.person, given)
        return sum(not isinstance(one, DomainError) and one.agreed for one in answers)

    agreed = await asyncio.gather(*[sign(one) for one in body.assessors])
    assert sorted(agreed) == [0, 20]
    assert done(await town.door.get(body.account, f"{SESSIONS}/{session}"))["status"] == "scored"


async def failed_candidate(town: Town) -> tuple[Body, str, str, Actor]:
    """Somebody who failed: body, session, candidate, worker."""
    body = await town.body()
    (trainee,) = await town.trainees(1)
    session = await town.session(body)
    (one,) = await town.admitted(body, session, [trainee])
    await town.open(body, session)
    await town.scored(body, session, {one: FAIL})
    done(await town.confirm(body.supervisor, session))
    return body, session, one, Actor("worker", trainee.person_id)


async def test_an_appeal_is_marked_anew_and_decided_by_the_supervisor(town: Town) -> None:
    body, session, one, worker = await failed_candidate(town)
    path = f"/v1/candidates/{one}"
    reason = {"reason_code": "marks_added_wrongly"}
    assert refused(await town.door.post(Actor("worker", uuid4()), f"{path}/appeals", reason)) == (
        404,
        "candidate_not_found",
    )
    assert done(await town.door.post(worker, f"{path}/appeals", reason))["status"] == "appealed"
    assert refused(await town.door.post(worker, f"{path}/appeals", reason)) == (409, "wrong_state")
    decision = f"{path}/appeal-decisions"
    assert refused(await town.door.post(body.supervisor, decision)) == (409, "appeal_not_marked")
    await town.sign(body.assessors[0], session, {one: A})
    assert refused(await town.door.post(body.supervisor, decision)) == (409, "appeal_not_marked")
    await town.sign(body.assessors[1], session, {one: A})
    assert refused(await town.door.post(town.officer, decision)) == (403, "not_the_supervisor")
    decided = done(await town.door.post(body.supervisor, decision))
    assert decided["passed"] is True
    (certificate,) = done(await town.door.get(worker, "/v1/certificates"))["data"]
    assert [issued["id"] for issued in decided["certificates"]] == [certificate["id"]]
    assert refused(await town.door.post(body.supervisor, decision)) == (409, "wrong_state")


async def test_an_appeal_may_be_turned_down(town: Town) -> None:
    body, session, one, worker = await failed_candidate(town)
    done(await town.door.post(worker, f"/v1/candidates/{one}/appeals", {"reason_code": "marks_added_wrongly"}))
    await town.scored(body, session, {one: FAIL})
    decided = done(await town.door.post(body.supervisor, f"/v1/candidates/{one}/appeal-decisions"))
    assert (decided["passed"], decided["certificates"]) == (False, [])
    assert done(await town.door.get(worker, f"/v1/candidates/{one}"))["status"] == "failed"


async def test_an_appeal_has_its_time(town: Town) -> None:
    _, _, one, worker = await failed_candidate(town)
    await town.pass_days(16)
    refusal = await town.door.post(worker, f"/v1/candidates/{one}/appeals", {"reason_code": "late"})
    assert refused(refusal) == (409, "appeal_too_late")
